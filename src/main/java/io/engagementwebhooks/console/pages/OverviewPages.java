package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.outbox.Pulse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Overview: what goes through at the moment, and what needs somebody. Thread-safe. */
final class OverviewPages implements Area {

    private static final Duration SOON = Duration.ofDays(30);
    private static final int STEPS_A_MINUTE = 60 / Pulse.STEP_SECONDS;

    private final Api api;
    private final Look look;
    private final Pulse pulse;
    private final Clock clock;

    OverviewPages(Api api, Look look, Pulse pulse, Clock clock) {
        this.api = api;
        this.look = look;
        this.pulse = pulse;
        this.clock = clock;
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
        List<Pulse.Step> steps = pulse.of(session.caller().account().id());
        // the last step is still under way, so that it would look like a fall
        List<Pulse.Step> whole = steps.subList(0, steps.size() - 1);
        JsonNode webhooks = items(session, "listWebhooks", "webhooks");
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("tiles", tiles(steps));
        parameters.put(
                "rates",
                Chart.of(
                        "/s",
                        values(whole, step -> (double) step.events() / Pulse.STEP_SECONDS),
                        values(whole, step -> (double) step.delivered() / Pulse.STEP_SECONDS),
                        values(whole, step -> (double) step.failed() / Pulse.STEP_SECONDS)));
        parameters.put("times", Chart.of(" ms", values(whole, Pulse.Step::p99), values(whole, Pulse.Step::p50)));
        parameters.put("attention", attention(session, webhooks));
        parameters.put("webhooks", webhooks);
        return look.page("overview", "Overview", "overview", session, parameters);
    }

    private static double[] values(List<Pulse.Step> steps, ToDoubleFunction<Pulse.Step> value) {
        return steps.stream().mapToDouble(value).toArray();
    }

    private static List<Tile> tiles(List<Pulse.Step> steps) {
        List<Pulse.Step> minute = steps.subList(steps.size() - STEPS_A_MINUTE - 1, steps.size() - 1);
        long delivered = steps.stream().mapToLong(Pulse.Step::delivered).sum();
        long failed = steps.stream().mapToLong(Pulse.Step::failed).sum();
        List<Pulse.Step> busy = steps.stream()
                .filter(step -> step.delivered() + step.failed() > 0)
                .toList();
        Pulse.Step last = busy.isEmpty() ? null : busy.get(busy.size() - 1);
        return List.of(
                new Tile(
                        "Events",
                        number(minute.stream().mapToLong(Pulse.Step::events).sum() / 60.0),
                        "a second, over the last minute"),
                new Tile(
                        "Deliveries",
                        number(minute.stream().mapToLong(Pulse.Step::delivered).sum() / 60.0),
                        "a second, over the last minute"),
                new Tile(
                        "Success",
                        delivered + failed == 0 ? "–" : percent(delivered, delivered + failed),
                        "of " + (delivered + failed) + " attempts in 15 minutes"),
                new Tile("Half take at most", last == null ? "–" : last.p50() + " ms", "p50, most recent"),
                new Tile("99 of 100 at most", last == null ? "–" : last.p99() + " ms", "p99, most recent"));
    }

    private static String number(double value) {
        return value == 0 || value >= 100
                ? Long.toString(Math.round(value))
                : String.format(Locale.ROOT, value < 1 ? "%.2f" : "%.1f", value);
    }

    /** Rounded down, so that 100 % means all. */
    private static String percent(long part, long all) {
        return part == all ? "100 %" : String.format(Locale.ROOT, "%.1f %%", Math.floor(1000.0 * part / all) / 10);
    }

    private List<Attention> attention(Session session, JsonNode webhooks) {
        List<Attention> attention = new ArrayList<>();
        for (Pulse.Failing failing : pulse.failing(session.caller().account().id())) {
            attention.add(new Attention(
                    "failing",
                    failing.webhook(),
                    PageRoutes.HOME + "/deliveries?webhook=" + Api.encoded(failing.webhook()),
                    failing.reason() + ". "
                            + (failing.attempts() == 1
                                    ? "One attempt failed."
                                    : failing.attempts() + " attempts in a row failed.")));
        }
        for (JsonNode webhook : webhooks) {
            String name = webhook.path("name").asText();
            String link = PageRoutes.HOME + "/deliveries?webhook=" + Api.encoded(name);
            String state = webhook.path("state").asText();
            String problem = webhook.path("authentication").path("problem").asText(null);
            if (!state.equals("active")) {
                attention.add(
                        new Attention(state, name, link, webhook.path("reason").asText("")));
            } else if (problem != null) {
                attention.add(new Attention("bad", name, link, problem));
            } else if (webhook.path("holdUntil").isTextual()) {
                attention.add(new Attention("waiting", name, link, "The receiver asked to wait."));
            }
        }
        for (JsonNode client : items(session, "listOAuthClients", "oauth-clients")) {
            addProblem(attention, client, "oauth-client", client.path("problem"));
        }
        for (JsonNode connection : items(session, "listConnections", "connections")) {
            String type = connection.path("type").asText();
            addProblem(attention, connection, type, connection.path("status").path("problem"));
            addEnd(attention, connection, type);
        }
        return attention;
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

    private static String link(JsonNode thing, String kind) {
        return PageRoutes.HOME + "/settings/" + kind + "/"
                + Api.encoded(thing.path("name").asText());
    }

    private JsonNode items(Session session, String step, String kind) {
        return api.get(session, step, Api.path(kind), Map.of("limit", "200"))
                .body()
                .path("items");
    }
}
