package io.engagementwebhooks.console;

import static io.engagementwebhooks.console.Visitor.with;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A replay sends the deliveries of the typed and counted filters. */
@Timeout(300)
class ReplayPageTest {

    private static final String KEY = "acme-admin-key-of-replays";

    @AutoClose
    private static Receiver receiver;

    @AutoClose
    private static RunningProduct product;

    private static Visitor anna;

    @BeforeAll
    static void start() {
        receiver = new Receiver(got -> new Receiver.Reply(204));
        product = RunningProduct.shared(
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: anna, role: admin, key: %1$s}]
                    webhooks:
                      - {name: one, events: ["call.*"], delivery: {url: "%2$s", authentication: {type: none}}}
                      - {name: timed, events: ["text.*"], delivery: {url: "%2$s", authentication: {type: none}}}
                      - {name: other, events: ["call.*"], delivery: {url: "%2$s", authentication: {type: none}}}
                """
                        .formatted(KEY, receiver.url()));
        product.postEvent(KEY, "{\"id\": \"1\", \"source\": \"/pbx\", \"type\": \"call.ended\"}");
        product.awaitDeliveries(KEY, "1", 2, "delivered");
        product.postEvent(KEY, "{\"id\": \"2\", \"source\": \"/pbx\", \"type\": \"text.sent\"}");
        product.awaitDeliveries(KEY, "2", 1, "delivered");
        anna = Visitor.signedIn(product, KEY);
    }

    /** An account may run few replays at a time. */
    @BeforeEach
    void no_replay_runs() {
        await().until(() -> !jobs().findValuesAsText("state").contains("running"));
    }

    private static JsonNode jobs() {
        return product.read("/v1/replays", KEY).path("items");
    }

    private static HttpResponse<String> count(String... changes) {
        HttpResponse<String> counted = anna.post(
                "/console/replays",
                with(
                        Visitor.fields(anna.get("/console/replays").body(), "replay"),
                        with(changes, "do", "count", "delivered", "true")));
        assertEquals(200, counted.statusCode(), counted.body());
        return counted;
    }

    private static HttpResponse<String> start(HttpResponse<String> counted, String... changes) {
        return anna.post(
                "/console/replays", with(Visitor.fields(counted.body(), "replay"), with(changes, "do", "start")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"5/s", "2.5", "-1", "0", "99999999999999999999"})
    void an_invalid_rate_is_refused_and_nothing_is_sent(String pace) {
        int before = jobs().size();
        HttpResponse<String> refused = start(count("webhook", "one"), "perSecond", pace);
        assertEquals(422, refused.statusCode());
        assertTrue(refused.body().contains("id=\"perSecond-fault\""), refused.body());
        assertEquals(before, jobs().size());
    }

    @Test
    void filters_changed_after_the_count_are_counted_again() {
        int before = jobs().size();
        HttpResponse<String> counted = count("webhook", "one", "eventType", "call.ended");
        assertTrue(counted.body().contains("1 delivery would be sent again"), counted.body());
        HttpResponse<String> recounted = start(counted, "webhook", "");
        assertEquals(200, recounted.statusCode());
        assertTrue(recounted.body().contains("Counted again: 2 deliveries would be sent again"), recounted.body());
        assertEquals(before, jobs().size());
        assertFalse(count("webhook", "one").body().contains("Counted again"));

        assertEquals(303, start(recounted).statusCode());
        assertEquals(before + 1, jobs().size());
        assertEquals(2, jobs().get(0).path("matched").asInt());
    }

    private static String webhook(String name) {
        return "{name: " + name + ", events: [\"call.*\"], delivery: {url: \"" + receiver.url()
                + "\", authentication: {type: none}}}";
    }

    @Test
    void deliveries_of_a_deleted_webhook_are_not_counted() {
        String account =
                "accounts:\n  - {id: acme, apiKeys: [{name: anna, role: admin, key: " + KEY + "}], webhooks: [";
        try (RunningProduct changed =
                RunningProduct.shared(account + webhook("kept") + ", " + webhook("gone") + "]}\n")) {
            changed.postEvent(KEY, "{\"id\": \"1\", \"source\": \"/pbx\", \"type\": \"call.ended\"}");
            changed.awaitDeliveries(KEY, "1", 2, "delivered");
            changed.config(account + webhook("kept") + "]}\n");
            JsonNode count = RunningProduct.json(changed.post(
                    "/v1/replays", KEY, "application/json", "{\"eventType\": \"call.ended\", \"dryRun\": true}"));
            assertEquals(1, count.get("matched").asInt(), count.toString());
            assertEquals(List.of("kept"), count.get("webhooks").findValuesAsText("webhook"));
        }
    }

    @Test
    void a_replay_has_a_time_range_and_its_errors_are_beside_it() {
        String none = count("webhook", "timed", "from", "2020-01-01T00:00", "to", "2020-01-02T00:00")
                .body();
        assertTrue(none.contains("0 deliveries would be sent again"), none);
        HttpResponse<String> counted = count("webhook", "timed", "from", "2020-01-01T00:00", "to", "2100-01-01T00:00");
        assertTrue(counted.body().contains("delivery would be sent again"), counted.body());
        String[] fields = Visitor.fields(counted.body(), "replay");
        HttpResponse<String> recounted =
                anna.post("/console/replays", with(fields, "to", "2100-02-01T00:00", "do", "start"));
        assertTrue(recounted.body().contains("Counted again"), recounted.body());
        assertEquals(303, start(counted).statusCode());
        assertEquals("2020-01-01T00:00:00Z", jobs().get(0).path("from").asText());
        assertEquals("2100-01-01T00:00:00Z", jobs().get(0).path("to").asText());
        String refused = anna.post(
                        "/console/replays",
                        with(fields, "from", "2020-01-02T00:00", "to", "2020-01-01T00:00", "do", "count"))
                .body();
        assertTrue(refused.contains("aria-describedby=\"to-fault\"") && refused.contains("id=\"to-fault\""), refused);
    }

    @Test
    void replays_before_the_last_twenty_are_on_further_pages() {
        for (int i = 0; i < 21; i++) {
            String[] nothing = {"webhook", "timed", "from", "2020-01-01T00:00", "to", "2020-01-02T00:00"};
            // this many may run at a time
            await().until(() -> start(count(nothing)).statusCode() == 303);
        }
        int all = product.read("/v1/replays?limit=200", KEY).path("items").size();
        String first = anna.get("/console/replays").body();
        assertEquals(20, first.split("<progress", -1).length - 1);
        Matcher older = Pattern.compile("href=\"([^\"#]+)#jobs\" rel=\"next\"").matcher(first);
        assertTrue(older.find(), first);
        String second = anna.get(older.group(1)).body();
        assertEquals(Math.min(20, all - 20), second.split("<progress", -1).length - 1);
    }

    @Test
    void a_replay_of_a_relative_range_starts_where_the_count_started() {
        HttpResponse<String> counted = count("webhook", "timed", "within", "1h");
        String[] fields = Visitor.fields(counted.body(), "replay");
        String since = Visitor.value(fields, "counted-since");
        assertTrue(Instant.parse(since).isBefore(Instant.now()));
        assertEquals(
                303, start(counted, "counted-since", "2020-01-01T00:00:00Z").statusCode());
        assertEquals("2020-01-01T00:00:00Z", jobs().get(0).path("from").asText());
        assertEquals(303, start(counted).statusCode());
        assertEquals(
                Instant.parse(since), Instant.parse(jobs().get(0).path("from").asText()));
    }
}
