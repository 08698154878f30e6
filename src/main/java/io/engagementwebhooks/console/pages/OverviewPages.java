package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.engagementwebhooks.server.ProblemException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Overview: what went through in the last hours, and what needs somebody. Thread-safe. */
final class OverviewPages implements Area {

    /** Over how many hours it can be looked at, to label. */
    static final Map<String, String> HOURS = hours();

    private static final int TROUBLED = 10;
    /** How many credentials of a kind are told. */
    private static final int TOLD = 10;
    /** Of what does not work. */
    private static final String FAILS = "bad";
    /** Of what ends soon. */
    private static final String ENDS = "warning";

    private static final double SECONDS_A_MINUTE = 60;

    /** The state of a webhook that is set up no more, and of which something waits. */
    private static final String GONE = "set-up-no-more";

    private final Api api;
    private final PageRenderer look;
    private final Clock clock;

    OverviewPages(Api api, PageRenderer look, Clock clock) {
        this.api = api;
        this.look = look;
        this.clock = clock;
    }

    private static Map<String, String> hours() {
        Map<String, String> hours = new LinkedHashMap<>();
        hours.put("1", "1 hour");
        hours.put("6", "6 hours");
        hours.put("24", "1 day");
        hours.put("168", "1 week");
        return hours;
    }

    /**
     * Something that needs somebody.
     *
     * @param state how urgent, as a badge
     * @param what the thing
     * @param link its page
     * @param why in words
     */
    record Attention(String state, String what, String link, String why) {}

    /** A figure. @param more what it is about */
    record Tile(String label, String value, String more) {}

    @Override
    public PageAnswer answer(PageRequest request, Session session) {
        String asked = request.query().text("hours");
        String hours = HOURS.containsKey(asked) ? asked : "1";
        JsonNode figures = api.get(session, "showFigures", "/v1/figures", Map.of("hours", hours))
                .body();
        List<JsonNode> waiting = waiting(session, figures);
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("hours", hours);
        parameters.put("tiles", tiles(figures));
        parameters.put(
                "rates",
                Chart.of(
                        "/s",
                        counts(figures, "events"),
                        counts(figures, "delivered"),
                        counts(figures, "tryLater", "gaveUp")));
        parameters.put("times", Chart.of(" ms", times(figures, "p99"), times(figures, "p50")));
        parameters.put("attention", attention(session, figures, waiting));
        parameters.put("any", !waiting.isEmpty() || any(session));
        parameters.put("waiting", waiting);
        parameters.put("routes", RoutesState.of(api, session));
        return look.page("overview", "Overview", "overview", session, parameters);
    }

    /** So many a second, of all members together; none where nothing happened. */
    static double[] counts(JsonNode figures, String... members) {
        double seconds = figures.path("stepMinutes").asInt(1) * SECONDS_A_MINUTE;
        return values(
                figures,
                0,
                point -> Stream.of(members)
                                .mapToDouble(member -> point.path(member).asDouble())
                                .sum()
                        / seconds);
    }

    /** Where nothing was tried there is no time. */
    static double[] times(JsonNode figures, String member) {
        return values(figures, Double.NaN, point -> point.path(member).asDouble(Double.NaN));
    }

    /** A value for each step but the one under way. @param otherwise that of the steps that are left out */
    private static double[] values(JsonNode figures, double otherwise, ToDoubleFunction<JsonNode> value) {
        Instant from = Instant.parse(figures.path("from").asText());
        Instant minuteUnderWay = Instant.parse(figures.path("to").asText()).minus(Duration.ofMinutes(1));
        Duration step = Duration.ofMinutes(figures.path("stepMinutes").asInt(1));
        double[] values =
                new double[(int) Duration.between(from, minuteUnderWay).dividedBy(step)];
        Arrays.fill(values, otherwise);
        for (JsonNode point : figures.path("points")) {
            long at = Duration.between(from, Instant.parse(point.path("at").asText()))
                    .dividedBy(step);
            if (at >= 0 && at < values.length) {
                values[(int) at] = value.applyAsDouble(point);
            }
        }
        return values;
    }

    private static List<Tile> tiles(JsonNode figures) {
        JsonNode total = figures.path("total");
        long attempts = total.path("delivered").asLong()
                + total.path("tryLater").asLong()
                + total.path("gaveUp").asLong();
        return List.of(
                new Tile("Events", count(total.path("events").asLong()), "accepted"),
                new Tile("Delivered", count(total.path("delivered").asLong()), "by " + count(attempts) + " attempts"),
                new Tile("Success", percent(total.path("delivered").asLong(), attempts), "of attempts"),
                new Tile("p50", ms(total.path("p50")), "half are faster"),
                new Tile("p99", ms(total.path("p99")), "99 of 100 are faster"));
    }

    private static String ms(JsonNode value) {
        return value.isNumber() ? count(value.asLong()) + " ms" : "–";
    }

    private static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value).replace(',', '\u202f');
    }

    /** Rounded down, so that 100 % means all. */
    private static String percent(long part, long all) {
        if (all == 0) {
            return "–";
        }
        return part == all ? "100 %" : String.format(Locale.ROOT, "%.1f %%", Math.floor(1000.0 * part / all) / 10);
    }

    private boolean any(Session session) {
        return !api.get(session, "listWebhooks", Api.path("webhooks"), Map.of("limit", "1"))
                .body()
                .path("items")
                .isEmpty();
    }

    /** The webhooks of which most waits, the most first. */
    private List<JsonNode> waiting(Session session, JsonNode figures) {
        List<JsonNode> waiting = new ArrayList<>();
        for (JsonNode one : figures.path("waiting")) {
            waiting.add(shown(session, one.path("webhookId").asText()).orElseGet(() -> gone(one)));
        }
        return waiting;
    }

    private static JsonNode gone(JsonNode waiting) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", waiting.path("webhookId").asText())
                .put("name", waiting.path("webhook").asText())
                .put("state", GONE)
                .put("waiting", waiting.path("deliveries").asLong());
    }

    private Optional<JsonNode> shown(Session session, String webhook) {
        try {
            return Optional.of(api.get(session, "showWebhook", Api.path("webhooks", webhook))
                    .body());
        } catch (ProblemException e) {
            // it was deleted meanwhile
            return Optional.empty();
        }
    }

    private List<Attention> attention(Session session, JsonNode figures, List<JsonNode> waiting) {
        List<Attention> attention = new ArrayList<>();
        JsonNode troubled = figures.path("troubled");
        for (JsonNode name : troubled) {
            if (attention.size() == TROUBLED) {
                attention.add(new Attention(
                        "warning",
                        (troubled.size() - TROUBLED) + " more webhooks",
                        PageRoutes.HOME + "/webhooks",
                        "are failing, degraded, paused or disabled."));
                break;
            }
            shown(session, name.asText()).map(OverviewPages::trouble).ifPresent(attention::add);
        }
        for (JsonNode webhook : waiting) {
            if (webhook.path("state").asText().equals(GONE)) {
                attention.add(new Attention(
                        "warning",
                        webhook.path("name").asText(),
                        PageRoutes.HOME + "/webhooks?text="
                                + Api.encoded(webhook.path("name").asText()) + "#gone",
                        "It is set up no more; "
                                + CountText.waiting(webhook.path("waiting").asLong())
                                + " until somebody discards what is left."));
            }
        }
        attention.addAll(credentials(session, figures.path("expiring")));
        return attention;
    }

    /** What of certificates, clients, connections and keys needs somebody: what does not work comes first. */
    private List<Attention> credentials(Session session, JsonNode expiring) {
        ExpiryText ends = new ExpiryText(clock.instant());
        List<Attention> told = new ArrayList<>();
        addEndsOfCertificates(told, expiring, ends);
        addClients(told, session, ends);
        addConnections(told, session, ends);
        addEndOfApiKeys(told, session);
        addEndOfSigning(told, session, ends);
        told.sort(Comparator.comparing(one -> !one.state().equals(FAILS)));
        return told;
    }

    private void addClients(List<Attention> told, Session session, ExpiryText ends) {
        InNeed clients = inNeed(session, "listOAuthClients", "oauth-clients");
        for (JsonNode client : clients.first()) {
            JsonNode end = client.path("tls").path("expires");
            told.add(credential(
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
                .ifPresent(told::add);
    }

    private void addConnections(List<Attention> told, Session session, ExpiryText ends) {
        InNeed connections = inNeed(session, "listConnections", "connections");
        for (JsonNode connection : connections.first()) {
            String type = connection.path("type").asText();
            JsonNode end = connection.path("expiresOn");
            told.add(credential(
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
                .ifPresent(told::add);
    }

    /**
     * What needs somebody.
     *
     * @param first ten at most, what does not work before what ends
     * @param isMore whether there are others
     * @param isMoreFailing whether one of those does not work
     */
    private record InNeed(List<JsonNode> first, boolean isMore, boolean isMoreFailing) {

        /**
         * What is told of the others.
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
                found.values().stream().limit(TOLD).toList(),
                true,
                failing.path("next").isTextual());
    }

    private JsonNode needing(Session session, String step, String list, String attention) {
        return api.get(session, step, Api.path(list), Map.of("attention", attention, "limit", String.valueOf(TOLD)))
                .body();
    }

    private static Map<String, JsonNode> byName(JsonNode page) {
        Map<String, JsonNode> byName = new LinkedHashMap<>();
        page.path("items").forEach(item -> byName.put(item.path("name").asText(), item));
        return byName;
    }

    private static Attention trouble(JsonNode webhook) {
        JsonNode health = webhook.path("health");
        String name = webhook.path("name").asText();
        long waiting = webhook.path("waiting").asLong();
        String problem = webhook.path("authentication").path("problem").asText("");
        String reason = problem.isEmpty() ? health.path("reason").asText("") : problem;
        String since = health.path("since").isTextual()
                ? "Since " + TimeText.minute(health.path("since").asText())
                : "";
        return new Attention(
                health.path("status").asText(),
                name,
                PageRoutes.HOME + "/deliveries?webhook=" + Api.encoded(name),
                Stream.of(since, reason).filter(text -> !text.isEmpty()).collect(Collectors.joining(": ")) + ". "
                        + (waiting == 0 ? "" : CountText.waiting(waiting) + "."));
    }

    /** @param end told of it, or empty */
    private static Attention credential(
            JsonNode resource, String kind, JsonNode problem, String end, boolean hasEnded) {
        String between = end.isEmpty() ? "" : problem.asText().endsWith(".") ? " " : ". ";
        String why = problem.isTextual() ? problem.asText() + between + end : end;
        boolean fails = problem.isTextual() || hasEnded;
        return new Attention(fails ? FAILS : ENDS, resource.path("name").asText(), link(resource, kind), why);
    }

    private static void addEndsOfCertificates(List<Attention> told, JsonNode expiring, ExpiryText ends) {
        for (int i = 0; i < Math.min(expiring.size(), TOLD); i++) {
            String name = expiring.path(i).path("webhook").asText();
            String link = PageRoutes.HOME + "/webhooks?text=" + Api.encoded(name);
            JsonNode end = expiring.path(i).path("expires");
            told.add(new Attention(ends.state(end), name, link, ends.ofCertificate(end)));
        }
        if (expiring.size() > TOLD) {
            told.add(new Attention(
                    ends.state(expiring.path(TOLD).path("expires")),
                    "More webhooks",
                    PageRoutes.HOME + "/webhooks#main",
                    "Their client certificates expire within 30 days too, or expired."));
        }
    }

    /** Of those that somebody uses. Who only reads sees no API keys. */
    private void addEndOfApiKeys(List<Attention> told, Session session) {
        if (!session.mayChange()) {
            return;
        }
        JsonNode keys = needing(session, "listApiKeys", "api-keys", "true");
        for (JsonNode key : keys.path("items")) {
            told.add(new Attention(
                    ENDS,
                    key.path("name").asText(),
                    link(key, "api-key"),
                    "This API key is in use, and ends on " + ExpiryText.day(key.path("until")) + "."));
        }
        if (keys.path("next").isTextual()) {
            told.add(new Attention(
                    ENDS,
                    "More API keys",
                    PageRoutes.HOME + "/settings/api-keys?attention=true",
                    "They are in use, and end within 30 days too."));
        }
    }

    /** Of the account's last key. */
    private void addEndOfSigning(List<Attention> told, Session session, ExpiryText ends) {
        for (JsonNode last :
                needing(session, "listSigningKeys", "signing-keys", "true").path("items")) {
            JsonNode until = last.path("until");
            told.add(new Attention(
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
