package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.engagementwebhooks.server.ProblemException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** Overview: what went through in the last hours, and what needs somebody. Thread-safe. */
final class OverviewPages implements Area {

    /** Over how many hours it can be looked at, to label. */
    static final Map<String, String> HOURS = hours();

    private static final Duration SOON = Duration.ofDays(30);
    private static final int TROUBLED = 10;
    private static final int ENDING = 10;
    private static final double SECONDS_A_MINUTE = 60;

    /** The state of a webhook that is set up no more, and of which something waits. */
    private static final String GONE = "set-up-no-more";

    private final Api api;
    private final Look look;
    private final Clock clock;

    OverviewPages(Api api, Look look, Clock clock) {
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
            waiting.add(shown(session, one.path("webhook").asText()).orElseGet(() -> gone(one)));
        }
        return waiting;
    }

    private static JsonNode gone(JsonNode waiting) {
        return JsonNodeFactory.instance
                .objectNode()
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
                        "fail, are paused or disabled."));
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
                                + Counted.waiting(webhook.path("waiting").asLong())
                                + " until somebody discards what is left."));
            }
            boolean isLate = webhook.path("lastOutcome").asText().equals("try-later")
                    && webhook.path("state").asText().equals("active")
                    && webhook.path("failingSince").isNull();
            if (isLate && attention.size() < TROUBLED) {
                attention.add(new Attention(
                        "try-later",
                        webhook.path("name").asText(),
                        PageRoutes.HOME + "/deliveries?webhook="
                                + Api.encoded(webhook.path("name").asText()),
                        "Its last attempt did not arrive; "
                                + Counted.waiting(webhook.path("waiting").asLong()) + " to be tried again."));
            }
        }
        addEndsOfCertificates(attention, figures.path("expiring"));
        JsonNode clients = inNeed(session, "listOAuthClients", "oauth-clients");
        for (JsonNode client : clients.path("items")) {
            addProblem(attention, client, "oauth-client", client.path("problem"));
            addEndOfCertificate(
                    attention,
                    client.path("name").asText(),
                    link(client, "oauth-client"),
                    client.path("tls").path("expires"));
        }
        addMore(attention, clients, "More OAuth clients", "clients");
        JsonNode connections = inNeed(session, "listConnections", "connections");
        for (JsonNode connection : connections.path("items")) {
            String type = connection.path("type").asText();
            addProblem(attention, connection, type, connection.path("status").path("problem"));
            addEnd(attention, connection, type);
        }
        addMore(attention, connections, "More connections", "connections");
        addEndOfApiKeys(attention, session);
        addEndOfSigning(attention, session);
        return attention;
    }

    /** The first of those that need somebody. */
    private JsonNode inNeed(Session session, String step, String list) {
        return api.get(session, step, Api.path(list), Map.of("attention", "true", "limit", String.valueOf(ENDING)))
                .body();
    }

    private static void addMore(List<Attention> attention, JsonNode page, String what, String section) {
        if (page.path("next").isTextual()) {
            attention.add(new Attention(
                    "warning",
                    what,
                    PageRoutes.HOME + "/settings?attention=true#" + section,
                    "They do not work, or end within 30 days, too."));
        }
    }

    private static Attention trouble(JsonNode webhook) {
        String name = webhook.path("name").asText();
        String state = webhook.path("state").asText();
        String link = PageRoutes.HOME + "/deliveries?webhook=" + Api.encoded(name);
        if (!state.equals("active")) {
            return new Attention(state, name, link, webhook.path("reason").asText(""));
        }
        String problem = webhook.path("authentication").path("problem").asText(null);
        if (problem != null) {
            return new Attention("failing", name, link, problem);
        }
        return new Attention(
                "failing",
                name,
                link,
                "Nothing arrives; " + Counted.waiting(webhook.path("waiting").asLong()) + ".");
    }

    private static void addProblem(List<Attention> attention, JsonNode thing, String kind, JsonNode problem) {
        if (problem.isTextual()) {
            attention.add(new Attention("bad", thing.path("name").asText(), link(thing, kind), problem.asText()));
        }
    }

    private void addEnd(List<Attention> attention, JsonNode connection, String kind) {
        String expires = connection.path("expiresOn").asText(null);
        if (expires == null) {
            return;
        }
        Instant end = LocalDate.parse(expires).atStartOfDay(ZoneOffset.UTC).toInstant();
        if (end.isBefore(clock.instant().plus(SOON))) {
            attention.add(new Attention(
                    "warning",
                    connection.path("name").asText(),
                    link(connection, kind),
                    "Its credentials expire on " + expires + "."));
        }
    }

    private void addEndsOfCertificates(List<Attention> attention, JsonNode expiring) {
        for (int i = 0; i < Math.min(expiring.size(), ENDING); i++) {
            String name = expiring.path(i).path("webhook").asText();
            String link = PageRoutes.HOME + "/webhooks?text=" + Api.encoded(name);
            addEndOfCertificate(attention, name, link, expiring.path(i).path("expires"));
        }
        if (expiring.size() > ENDING) {
            attention.add(new Attention(
                    "warning",
                    "More webhooks",
                    PageRoutes.HOME + "/webhooks#main",
                    "Their client certificates expire within 30 days too, or expired."));
        }
    }

    private void addEndOfCertificate(List<Attention> attention, String name, String link, JsonNode expires) {
        if (isSoon(expires)) {
            boolean isOver = Instant.parse(expires.asText()).isBefore(clock.instant());
            attention.add(new Attention(
                    isOver ? "bad" : "warning",
                    name,
                    link,
                    "Its client certificate " + (isOver ? "expired on " : "expires on ") + day(expires) + "."));
        }
    }

    /** Of those that somebody uses. Who only reads sees no API keys. */
    private void addEndOfApiKeys(List<Attention> attention, Session session) {
        if (!session.mayChange()) {
            return;
        }
        JsonNode keys = inNeed(session, "listApiKeys", "api-keys");
        for (JsonNode key : keys.path("items")) {
            attention.add(new Attention(
                    "warning",
                    key.path("name").asText(),
                    link(key, "api-key"),
                    "This API key is in use, and ends on " + day(key.path("until")) + "."));
        }
        addMore(attention, keys, "More API keys", "api-keys");
    }

    /** Of the account's last key. */
    private void addEndOfSigning(List<Attention> attention, Session session) {
        for (JsonNode last : inNeed(session, "listSigningKeys", "signing-keys").path("items")) {
            attention.add(new Attention(
                    "warning",
                    last.path("id").asText(),
                    PageRoutes.HOME + "/settings/signing-key/"
                            + Api.encoded(last.path("id").asText()),
                    "The last signing key ends on " + day(last.path("until"))
                            + "; from then on requests are sent unsigned."));
        }
    }

    private boolean isSoon(JsonNode end) {
        return end.isTextual()
                && Instant.parse(end.asText()).isBefore(clock.instant().plus(SOON));
    }

    private static String day(JsonNode time) {
        return time.asText().substring(0, "2026-11-24".length());
    }

    private static String link(JsonNode thing, String kind) {
        return PageRoutes.HOME + "/settings/" + kind + "/"
                + Api.encoded(thing.path("name").asText());
    }
}
