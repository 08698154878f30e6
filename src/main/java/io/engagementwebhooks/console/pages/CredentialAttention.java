package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.console.ApiKeyView;
import io.engagementwebhooks.console.ConnectionView;
import io.engagementwebhooks.console.FiguresView;
import io.engagementwebhooks.console.ListView;
import io.engagementwebhooks.console.OAuthClientView;
import io.engagementwebhooks.console.SettingView;
import io.engagementwebhooks.console.SigningKeyView;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Credentials that fail or end soon, for the overview. Thread-safe. */
record CredentialAttention(Api api, Clock clock) {

    /** Limit of listed credentials per kind. */
    private static final int MOST = 10;
    /** Badge of failing credentials. */
    private static final String FAILS = "bad";
    /** Badge of credentials that end soon. */
    private static final String ENDS = "warning";

    /**
     * A resource that needs attention.
     *
     * @param state its badge
     * @param what its name
     * @param link its page
     * @param why the reason in words
     */
    record Attention(String state, String what, String link, String why) {}

    /** Resources that need attention, failing ones first. @param expiring client certificates of webhooks */
    List<Attention> of(Session session, List<FiguresView.Expiring> expiring) {
        ExpiryText ends = new ExpiryText(clock.instant());
        List<Attention> found = new ArrayList<>();
        addEndsOfCertificates(found, expiring, ends);
        addClients(found, session, ends);
        addConnections(found, session, ends);
        addEndOfApiKeys(found, session);
        addEndOfSigning(found, session, ends);
        found.sort(Comparator.comparing(one -> !one.state().equals(FAILS)));
        return found;
    }

    private void addClients(List<Attention> found, Session session, ExpiryText ends) {
        InNeed<OAuthClientView> clients = inNeed(session, "oauth-clients", OAuthClientView.class);
        for (OAuthClientView client : clients.first()) {
            String end = client.tls() == null ? null : client.tls().expires();
            String ending = ends.isDue(end) ? ends.ofCertificate(end) : "";
            found.add(credential(client.name(), "oauth-client", client.problem(), ending, ends.isPast(end)));
        }
        clients.rest(
                        "OAuth clients",
                        "oauth-clients",
                        "They cannot get a token either, or their client certificates have expired.",
                        "Their client certificates expire within 30 days too.")
                .ifPresent(found::add);
    }

    private void addConnections(List<Attention> found, Session session, ExpiryText ends) {
        InNeed<ConnectionView> connections = inNeed(session, "connections", ConnectionView.class);
        for (ConnectionView connection : connections.first()) {
            String problem =
                    connection.status() == null ? null : connection.status().problem();
            String end = connection.expiresOn();
            String ending = ends.isDue(end) ? ends.ofCredentials(end) : "";
            found.add(credential(connection.name(), connection.type(), problem, ending, ends.isPast(end)));
        }
        connections
                .rest(
                        "connections",
                        "connections",
                        "They do not work either, or their credentials have expired.",
                        "Their credentials expire within 30 days too.")
                .ifPresent(found::add);
    }

    /**
     * Credentials that need attention.
     *
     * @param first at most ten, failing ones first
     * @param isMore whether there are more
     * @param isMoreFailing whether one of those fails
     */
    private record InNeed<T>(List<T> first, boolean isMore, boolean isMoreFailing) {

        /**
         * The line about further ones.
         *
         * @param section their section of the settings
         * @param failing text if one of them fails
         * @param ending text if they only end soon
         */
        Optional<Attention> rest(String what, String section, String failing, String ending) {
            String link =
                    PageRoutes.HOME + "/settings/" + section + "?attention=" + (isMoreFailing ? "failing" : "true");
            return isMore
                    ? Optional.of(new Attention(
                            isMoreFailing ? FAILS : ENDS, "More " + what, link, isMoreFailing ? failing : ending))
                    : Optional.empty();
        }
    }

    private <T extends SettingView> InNeed<T> inNeed(Session session, String list, Class<T> type) {
        ListView<T> all = needing(session, list, "true", type);
        if (all.next() == null) {
            return new InNeed<>(all.items(), false, false);
        }
        ListView<T> failing = needing(session, list, "failing", type);
        Map<String, T> byName = new LinkedHashMap<>();
        Stream.concat(failing.items().stream(), all.items().stream())
                .forEach(one -> byName.putIfAbsent(one.name(), one));
        return new InNeed<>(byName.values().stream().limit(MOST).toList(), true, failing.next() != null);
    }

    private <T> ListView<T> needing(Session session, String list, String attention, Class<T> type) {
        Map<String, String> query = Map.of("attention", attention, "limit", String.valueOf(MOST));
        return api.list(session, "list-" + list, Api.path(list), query, type);
    }

    /** @param problem or null @param end text about its end, or empty */
    private static Attention credential(String name, String kind, String problem, String end, boolean hasEnded) {
        String between = problem == null || end.isEmpty() ? "" : problem.endsWith(".") ? " " : ". ";
        String why = (problem == null ? "" : problem) + between + end;
        return new Attention(problem != null || hasEnded ? FAILS : ENDS, name, link(name, kind), why);
    }

    private static void addEndsOfCertificates(
            List<Attention> found, List<FiguresView.Expiring> expiring, ExpiryText ends) {
        for (FiguresView.Expiring each : expiring.subList(0, Math.min(expiring.size(), MOST))) {
            String end = each.expires();
            found.add(new Attention(
                    ends.state(end), each.webhook(), WebhookText.page(each.webhook()), ends.ofCertificate(end)));
        }
        if (expiring.size() > MOST) {
            found.add(new Attention(
                    ends.state(expiring.get(MOST).expires()),
                    "More webhooks",
                    PageRoutes.HOME + "/webhooks#main",
                    "Their client certificates expire within 30 days too, or expired."));
        }
    }

    /** API keys in use. Role read sees none. */
    private void addEndOfApiKeys(List<Attention> found, Session session) {
        if (!session.mayChange()) {
            return;
        }
        ListView<ApiKeyView> keys = needing(session, "api-keys", "true", ApiKeyView.class);
        for (ApiKeyView key : keys.items()) {
            found.add(new Attention(
                    ENDS,
                    key.name(),
                    link(key.name(), "api-key"),
                    "This API key is in use, and ends on " + ExpiryText.day(key.until()) + "."));
        }
        if (keys.next() != null) {
            found.add(new Attention(
                    ENDS,
                    "More API keys",
                    PageRoutes.HOME + "/settings/api-keys?attention=true",
                    "They are in use, and end within 30 days too."));
        }
    }

    /** The account's last signing key. */
    private void addEndOfSigning(List<Attention> found, Session session, ExpiryText ends) {
        needing(session, "signing-keys", "true", SigningKeyView.class)
                .items()
                .forEach(last -> found.add(new Attention(
                        ends.state(last.until()),
                        last.id(),
                        link(last.id(), "signing-key"),
                        ends.ofLastSigningKey(last.until()))));
    }

    private static String link(String name, String kind) {
        return PageRoutes.HOME + "/settings/" + kind + "/" + Api.encoded(name);
    }
}
