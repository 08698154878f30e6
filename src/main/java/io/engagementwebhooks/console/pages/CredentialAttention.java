package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.engagementwebhooks.console.FiguresView;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Credentials that do not work or end soon, as the overview lists them. Thread-safe. */
final class CredentialAttention {

    /** How many credentials of a kind are listed. */
    private static final int MOST = 10;
    /** Of what does not work. */
    private static final String FAILS = "bad";
    /** Of what ends soon. */
    private static final String ENDS = "warning";

    private final Api api;
    private final Clock clock;

    CredentialAttention(Api api, Clock clock) {
        this.api = api;
        this.clock = clock;
    }

    /**
     * Something that needs a person.
     *
     * @param state how urgent, as a badge
     * @param what the thing
     * @param link its page
     * @param why in words
     */
    record Attention(String state, String what, String link, String why) {}

    /** What needs a person, what does not work first. @param expiring client certificates of webhooks */
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
        InNeed clients = inNeed(session, "listOAuthClients", "oauth-clients");
        for (JsonNode client : clients.first()) {
            JsonNode end = client.path("tls").path("expires");
            found.add(credential(
                    client,
                    "oauth-client",
                    client.path("problem"),
                    ends.isTold(end) ? ends.ofCertificate(end) : "",
                    ends.isPast(end)));
        }
        clients.rest(
                        "OAuth clients",
                        "oauth-clients",
                        "No token is to be had for them either, or their client certificates expired.",
                        "Their client certificates expire within 30 days too.")
                .ifPresent(found::add);
    }

    private void addConnections(List<Attention> found, Session session, ExpiryText ends) {
        InNeed connections = inNeed(session, "listConnections", "connections");
        for (JsonNode connection : connections.first()) {
            String type = connection.path("type").asText();
            JsonNode end = connection.path("expiresOn");
            found.add(credential(
                    connection,
                    type,
                    connection.path("status").path("problem"),
                    ends.isTold(end) ? ends.ofCredentials(end) : "",
                    ends.isPast(end)));
        }
        connections
                .rest(
                        "connections",
                        "connections",
                        "Nothing is sent over them either, or their credentials expired.",
                        "Their credentials expire within 30 days too.")
                .ifPresent(found::add);
    }

    /**
     * What needs a person.
     *
     * @param first ten at most, what does not work before what ends
     * @param isMore whether there are others
     * @param isMoreFailing whether one of those does not work
     */
    private record InNeed(List<JsonNode> first, boolean isMore, boolean isMoreFailing) {

        /**
         * What is said of the others.
         *
         * @param section of the settings, where they are
         * @param failing what is wrong with those that do not work
         * @param ending with those that end
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

    private InNeed inNeed(Session session, String step, String list) {
        JsonNode all = needing(session, step, list, "true");
        if (!all.path("next").isTextual()) {
            return new InNeed(List.copyOf(byName(all).values()), false, false);
        }
        JsonNode failing = needing(session, step, list, "failing");
        Map<String, JsonNode> found = byName(failing);
        byName(all).forEach(found::putIfAbsent);
        return new InNeed(
                found.values().stream().limit(MOST).toList(),
                true,
                failing.path("next").isTextual());
    }

    private JsonNode needing(Session session, String step, String list, String attention) {
        return api.get(session, step, Api.path(list), Map.of("attention", attention, "limit", String.valueOf(MOST)))
                .body();
    }

    private static Map<String, JsonNode> byName(JsonNode page) {
        Map<String, JsonNode> byName = new LinkedHashMap<>();
        page.path("items").forEach(item -> byName.put(item.path("name").asText(), item));
        return byName;
    }

    /** @param end what is said of its end, or empty */
    private static Attention credential(
            JsonNode resource, String kind, JsonNode problem, String end, boolean hasEnded) {
        String between = end.isEmpty() ? "" : problem.asText().endsWith(".") ? " " : ". ";
        String why = problem.isTextual() ? problem.asText() + between + end : end;
        boolean fails = problem.isTextual() || hasEnded;
        return new Attention(fails ? FAILS : ENDS, resource.path("name").asText(), link(resource, kind), why);
    }

    private static void addEndsOfCertificates(
            List<Attention> found, List<FiguresView.Expiring> expiring, ExpiryText ends) {
        for (FiguresView.Expiring each : expiring.subList(0, Math.min(expiring.size(), MOST))) {
            JsonNode end = new TextNode(each.expires());
            found.add(new Attention(
                    ends.state(end), each.webhook(), WebhookText.page(each.webhook()), ends.ofCertificate(end)));
        }
        if (expiring.size() > MOST) {
            found.add(new Attention(
                    ends.state(new TextNode(expiring.get(MOST).expires())),
                    "More webhooks",
                    PageRoutes.HOME + "/webhooks#main",
                    "Their client certificates expire within 30 days too, or expired."));
        }
    }

    /** Of those in use. Role read sees no API keys. */
    private void addEndOfApiKeys(List<Attention> found, Session session) {
        if (!session.mayChange()) {
            return;
        }
        JsonNode keys = needing(session, "listApiKeys", "api-keys", "true");
        for (JsonNode key : keys.path("items")) {
            found.add(new Attention(
                    ENDS,
                    key.path("name").asText(),
                    link(key, "api-key"),
                    "This API key is in use, and ends on " + ExpiryText.day(key.path("until")) + "."));
        }
        if (keys.path("next").isTextual()) {
            found.add(new Attention(
                    ENDS,
                    "More API keys",
                    PageRoutes.HOME + "/settings/api-keys?attention=true",
                    "They are in use, and end within 30 days too."));
        }
    }

    /** Of the account's last key. */
    private void addEndOfSigning(List<Attention> found, Session session, ExpiryText ends) {
        for (JsonNode last :
                needing(session, "listSigningKeys", "signing-keys", "true").path("items")) {
            JsonNode until = last.path("until");
            found.add(new Attention(
                    ends.state(until),
                    last.path("id").asText(),
                    PageRoutes.HOME + "/settings/signing-key/"
                            + Api.encoded(last.path("id").asText()),
                    ends.ofLastSigningKey(until)));
        }
    }

    private static String link(JsonNode resource, String kind) {
        return PageRoutes.HOME + "/settings/" + kind + "/"
                + Api.encoded(resource.path("name").asText());
    }
}
