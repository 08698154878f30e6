package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The list of deliveries with its filters. */
@Timeout(300)
class DeliveriesPageTest {

    private static final String KEY = "acme-admin-key-deliveries";
    private static final String PAUSED =
            """
            accounts:
              - id: acme
                apiKeys: [{name: anna, role: admin, key: %s}]
                webhooks:
                  - {name: calls, events: ["call.*"], delivery: {url: "https://crm.example.com/hooks", authentication: {type: none}}}
            """
                    .formatted(KEY);

    private static final String LEFT_OUT = "Replays do not support these filters: ";

    @Test
    void an_event_type_and_a_state_filter_the_list_and_replays_say_that_they_lack_the_state() {
        try (RunningProduct product = RunningProduct.shared(PAUSED)) {
            product.post("/v1/webhooks/calls/pause", KEY, "application/json", "");
            product.post("/v1/events", KEY, "application/cloudevents-batch+json", batch("call.missed", 0, 30));
            product.post("/v1/events", KEY, "application/cloudevents-batch+json", batch("call.ended", 30, 60));
            product.post("/v1/events", KEY, "application/cloudevents-batch+json", batch("call.missed", 60, 90));
            Visitor anna = Visitor.signedIn(product, KEY);

            String first = anna.get("/console/deliveries?eventType=call.missed&state=paused")
                    .body();
            assertTrue(first.contains("name=\"eventType\" value=\"call.missed\""), first);
            assertTrue(first.contains("/console/replays?eventType=call.missed&amp;state=paused"), first);
            assertTrue(first.contains("The webhook is paused: resume it"), first);
            Matcher link = Pattern.compile("/console/deliveries/msg_\\w+").matcher(first);
            assertTrue(link.find(), first);
            String one = anna.get(link.group()).body();
            assertTrue(one.contains("<dt>Waiting for</dt>") && one.contains("The webhook is paused: resume it"), one);
            String further = anna.get(older(first)).body();
            assertFalse(further.contains("rel=\"next\""), "60 stand on two pages");
            Set<String> shown = events(first);
            assertEquals(50, shown.size(), shown.toString());
            shown.addAll(events(further));
            assertEquals(
                    IntStream.range(0, 90)
                            .filter(i -> i < 30 || i >= 60)
                            .mapToObj(i -> "e" + i)
                            .collect(Collectors.toCollection(TreeSet::new)),
                    shown);

            String none = anna.get("/console/deliveries?eventType=call.missed&state=waiting")
                    .body();
            assertTrue(none.contains("No delivery matches these filters"), none);
            String replays = anna.get("/console/replays?eventType=call.missed&state=paused")
                    .body();
            assertTrue(
                    Pattern.compile("name=\"eventType\"[^>]*value=\"call.missed\"")
                            .matcher(replays)
                            .find(),
                    replays);
            assertTrue(replays.contains(LEFT_OUT + "state."), replays);
            String counted = anna.post(
                            "/console/replays", "do", "count", "eventType", "call.missed", "leftOut", "state")
                    .body();
            assertTrue(counted.contains(LEFT_OUT + "state."), "it is said where they are counted too: " + counted);

            String others = anna.get("/console/replays?text=a&event=e1&outcome=try-later&to=2026-11-24T09:00:00Z"
                            + "&from=2026-11-23T09:00:00Z")
                    .body();
            assertTrue(others.contains(LEFT_OUT + "text, event id."), others);
            assertTrue(
                    others.contains("name=\"from\" type=\"datetime-local\"")
                            && others.contains("value=\"2026-11-23T09:00\"")
                            && others.contains("value=\"2026-11-24T09:00\""),
                    others);
            String all = anna.get("/console/replays?webhook=calls&eventType=call.missed&outcome=gave-up")
                    .body();
            assertFalse(all.contains(LEFT_OUT), all);
        }
    }

    @Test
    void a_truncated_export_says_so_in_its_name() {
        String webhooks = IntStream.range(0, 20)
                .mapToObj(i -> "      - {name: calls-" + i
                        + ", events: [\"call.*\"], delivery: {url: \"https://crm.example.com/hooks\","
                        + " authentication: {type: none}}}\n")
                .collect(Collectors.joining());
        try (RunningProduct product = RunningProduct.shared(PAUSED + webhooks)) {
            for (int i = 0; i < 20; i++) {
                product.post("/v1/webhooks/calls-" + i + "/pause", KEY, "application/json", "");
            }
            product.post("/v1/webhooks/calls/pause", KEY, "application/json", "");
            Visitor anna = Visitor.signedIn(product, KEY);
            product.post("/v1/events", KEY, "application/cloudevents-batch+json", batch("call.ended", 0, 1));
            assertEquals("attachment; filename=\"deliveries.csv\"", table(anna));
            for (int i = 0; i < 5; i++) {
                product.post(
                        "/v1/events",
                        KEY,
                        "application/cloudevents-batch+json",
                        batch("call.ended", 100 * i, 100 * (i + 1)));
            }
            assertEquals("attachment; filename=\"deliveries-newest-only.csv\"", table(anna));
        }
    }

    @Test
    void webhooks_are_offered_by_a_part_of_their_name() {
        String other = "      - {name: sales, events: [\"call.*\"], delivery: {url: \"https://crm.example.com\","
                + " authentication: {type: none}}}\n";
        try (RunningProduct product = RunningProduct.shared(PAUSED + other)) {
            Visitor anna = Visitor.signedIn(product, KEY);
            String all = anna.get("/console/deliveries/webhook-names").body();
            assertTrue(all.contains("<option value=\"calls\""), all);
            assertTrue(all.contains("<option value=\"sales\""), all);
            String some =
                    anna.get("/console/deliveries/webhook-names?webhook=sal").body();
            assertTrue(some.contains("<option value=\"sales\""), some);
            assertFalse(some.contains("calls"), some);
        }
    }

    private static String table(Visitor visitor) {
        return visitor.get("/console/deliveries/csv")
                .headers()
                .firstValue("Content-Disposition")
                .orElseThrow();
    }

    @Test
    void deliveries_are_found_between_two_times_which_stay_in_the_form_and_its_links() {
        try (RunningProduct product = RunningProduct.shared(PAUSED)) {
            product.post("/v1/webhooks/calls/pause", KEY, "application/json", "");
            product.post("/v1/events", KEY, "application/cloudevents-batch+json", batch("call.ended", 0, 60));
            Visitor anna = Visitor.signedIn(product, KEY);
            String then = anna.get("/console/deliveries?from=2020-01-01T00:00&to=2020-01-02T00:00")
                    .body();
            assertEquals(Set.of(), events(then));
            String page = anna.get("/console/deliveries?from=2020-01-01T00:00&to=2100-01-02T00:00:30.500Z")
                    .body();
            assertEquals(50, events(page).size());
            assertTrue(
                    page.contains("value=\"2020-01-01T00:00\"") && page.contains("value=\"2100-01-02T00:00:30.500\""),
                    page);
            assertTrue(page.contains("/console/replays?from=2020-01-01T00%3A00&amp;to=2100-01-02"), page);
            assertEquals(10, events(anna.get(older(page)).body()).size());
            assertEquals(
                    Set.of(),
                    events(anna.get("/console/deliveries?within=1h&from=2100-01-01T00:00")
                            .body()),
                    "the later of the two");
            assertEquals(
                    50,
                    events(anna.get("/console/deliveries?within=1h&from=2020-01-01T00:00")
                                    .body())
                            .size());
            HttpResponse<String> turned = anna.get("/console/deliveries?from=2020-01-02T00:00&to=2020-01-01T00:00");
            assertEquals(400, turned.statusCode());
            assertTrue(turned.body().contains("must be before"), turned.body());
        }
    }

    @Test
    void older_pages_keep_the_start_time_of_the_first_page() {
        try (RunningProduct product = RunningProduct.shared(PAUSED)) {
            product.post("/v1/webhooks/calls/pause", KEY, "application/json", "");
            product.post("/v1/events", KEY, "application/cloudevents-batch+json", batch("call.ended", 0, 60));
            Visitor anna = Visitor.signedIn(product, KEY);
            String first = anna.get("/console/deliveries?within=1h").body();
            Set<String> shown = events(first);
            assertEquals(50, shown.size(), shown.toString());
            String further = anna.get(older(first)).body();
            assertFalse(further.contains("role=\"alert\""), further);
            assertTrue(further.contains("<option value=\"1h\" selected"), further);
            shown.addAll(events(further));
            assertEquals(60, shown.size(), shown.toString());
        }
    }

    @Test
    void the_actions_of_a_delivery_are_updated_when_it_ends() {
        try (RunningProduct product = RunningProduct.shared(PAUSED)) {
            product.post("/v1/webhooks/calls/pause", KEY, "application/json", "");
            product.post("/v1/events", KEY, "application/cloudevents-batch+json", batch("call.ended", 0, 1));
            String path = "/console/deliveries/"
                    + product.awaitDeliveries(KEY, "e0", 1, "paused")
                            .path(0)
                            .path("id")
                            .asText();
            Visitor anna = Visitor.signedIn(product, KEY);
            String open = anna.renewed(path);
            assertTrue(open.contains("hx-get=\"" + path + "\""), open);
            assertTrue(open.contains("Retry now") && !open.contains("hx-swap-oob"), open);
            anna.get(path);
            anna.post(path + "/cancel");
            String ended = anna.renewed(path);
            assertTrue(
                    Pattern.compile("id=\"to-do\"[^>]*hx-swap-oob=\"true\"")
                            .matcher(ended)
                            .find(),
                    ended);
            assertTrue(ended.contains("Replay") && !ended.contains("Retry now"), ended);
            assertFalse(anna.get(path).body().contains("hx-swap-oob"));
        }
    }

    @Test
    void a_delivery_is_shown_with_its_own_event_where_other_sources_use_the_same_id() {
        try (RunningProduct product = RunningProduct.shared(
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: anna, role: admin, key: %s}]
                    webhooks:
                      - {name: calls, events: ["call.*"], condition: .data.sent, delivery: {url: "https://crm.example.com/hooks", authentication: {type: none}}}
                """
                        .formatted(KEY))) {
            product.post("/v1/webhooks/calls/pause", KEY, "application/json", "");
            for (int i = 1; i <= 60; i++) {
                product.postEvent(
                        KEY,
                        "{\"id\": \"1\", \"source\": \"/pbx-%d\", \"type\": \"call.ended\", \"data\": {\"sent\": %b}}"
                                .formatted(i, i == 1));
            }
            String delivery = product.awaitDeliveries(KEY, "1", 1, "paused")
                    .get(0)
                    .path("id")
                    .asText();
            String page = Visitor.signedIn(product, KEY)
                    .get("/console/deliveries/" + delivery)
                    .body();
            assertTrue(page.contains("/pbx-1&#34;") || page.contains("/pbx-1\""), page);
        }
    }

    private static String batch(String type, int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i ->
                        "{\"specversion\":\"1.0\",\"id\":\"e" + i + "\",\"source\":\"/pbx\",\"type\":\"" + type + "\"}")
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static String older(String page) {
        Matcher link = Pattern.compile("href=\"([^\"]+)\" rel=\"next\"").matcher(page);
        assertTrue(link.find(), page);
        return link.group(1).replace("&amp;", "&");
    }

    private static Set<String> events(String page) {
        return Pattern.compile("hx-push-url=\"true\">(e\\d+)</a>")
                .matcher(page)
                .results()
                .map(result -> result.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
