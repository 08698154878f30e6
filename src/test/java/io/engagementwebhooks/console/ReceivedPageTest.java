package io.engagementwebhooks.console;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Received events, why no webhook matched, and actions on a delivery. */
@Timeout(300)
class ReceivedPageTest {

    private static final String KEY = "acme-admin-key-of-received";

    @AutoClose
    private static Receiver receiver;

    @AutoClose
    private static RunningProduct product;

    private static Visitor anna;

    @BeforeAll
    static void start() {
        receiver = new Receiver(got -> new Receiver.Reply(got.body().contains("bad") ? 500 : 204));
        product = RunningProduct.shared(
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: anna, role: admin, key: %1$s}]
                    eventTypes:
                      - {type: order.placed, schema: {properties: {total: {type: number}}, required: [total]}, sample: {total: 1}, check: warn}
                    webhooks:
                      - {name: long calls, events: ["call.*"], condition: '.data.duration >= 120 and .data.answered == true', retry: [], delivery: {url: "%2$s", authentication: {type: none}}}
                      - {name: limited, events: ["limited.*"], delivery: {url: "%2$s", rateLimit: 1/h, authentication: {type: none}}}
                      - {name: texts, events: ["text.*"], delivery: {url: "%2$s", authentication: {type: none}}}
                """
                        .formatted(KEY, receiver.url()));
        anna = Visitor.signedIn(product, KEY);
    }

    private static String event(String id, String data) {
        return "{\"id\": \"%s\", \"source\": \"/pbx\", \"type\": \"call.ended\", \"data\": %s}".formatted(id, data);
    }

    @Test
    void an_event_without_deliveries_says_why_per_webhook_and_is_sent_to_one() {
        product.postEvent(KEY, event("unmatched", "{\"duration\": 192, \"answered\": false}"));
        String list = anna.get("/console/events/received?event=unmatched").body();
        assertTrue(list.contains("None: why?"), list);
        String id = product.read("/v1/events?event=unmatched", KEY)
                .at("/items/0/id")
                .asText();
        String one = anna.get("/console/events/received/" + id).body();
        assertTrue(one.contains("its condition is not true: .data.answered == true"), one);
        assertTrue(one.contains("it subscribes to text.*, not to call.ended"), one);
        assertTrue(one.contains("by the current definitions"), one);
        HttpResponse<String> sent = anna.post("/console/events/received/" + id, "webhook", "texts");
        assertEquals(303, sent.statusCode());
        String delivery =
                anna.get(sent.headers().firstValue("Location").orElseThrow()).body();
        assertTrue(delivery.contains("<span class=\"tag\">Test</span>"), delivery);
    }

    @Test
    void an_event_says_what_of_it_does_not_fit_the_schema_that_its_type_has_now() {
        for (String total : List.of("7", "\"a lot\"")) {
            product.postEvent(
                    KEY,
                    "{\"id\": \"order-%d\", \"source\": \"/shop\", \"type\": \"order.placed\", \"data\": {\"total\": %s}}"
                            .formatted(total.length(), total));
        }
        String fits = received("order-1");
        assertTrue(fits.contains(">fits<"), fits);
        String faulty = received("order-7");
        assertTrue(faulty.contains(">does not fit<"), faulty);
        assertTrue(faulty.contains("data/total must be of type number (type)"), faulty);
        product.postEvent(KEY, event("call", "{}"));
        assertFalse(received("call").contains("schema-title"));
    }

    private static String received(String event) {
        String id =
                product.read("/v1/events?event=" + event, KEY).at("/items/0/id").asText();
        return anna.get("/console/events/received/" + id).body();
    }

    @Test
    void no_replay_begins_from_a_list_of_tests() {
        assertEquals(
                200,
                product.post("/v1/webhooks/texts/test", KEY, "application/json", "{}")
                        .statusCode());
        String tests = anna.get("/console/deliveries?test=true").body();
        assertTrue(tests.contains("<span class=\"tag\">Test</span>"), tests);
        assertFalse(tests.contains("id=\"all-that-fit\""), tests);
        assertTrue(anna.get("/console/deliveries").body().contains("id=\"all-that-fit\""));
        HttpResponse<String> refused = anna.get("/console/replays?webhook=texts&test=true");
        assertEquals(422, refused.statusCode());
        assertTrue(refused.body().contains("Tests are not replayed."), refused.body());
        assertFalse(refused.body().contains("value=\"start\""), refused.body());
    }

    @Test
    void events_of_tests_are_marked_and_offered_to_no_other_webhook() {
        product.postEvent(KEY, event("real", "{}"));
        assertEquals(
                200,
                product.post("/v1/webhooks/texts/test", KEY, "application/json", "{}")
                        .statusCode());
        JsonNode events = product.read("/v1/events", KEY).get("items");
        assertTrue(events.get(0).get("test").asBoolean(), events.toString());
        assertFalse(events.get(1).get("test").asBoolean(), events.toString());
        String list = anna.get("/console/events/received").body();
        assertTrue(
                list.contains("<span class=\"tag\">Test</span> <a id=\""
                        + events.get(0).get("id").asText() + "\""),
                list);
        String builder = anna.get("/console/builder").body();
        assertTrue(builder.contains("value=\"" + events.get(1).get("id").asText() + "\""), builder);
        assertFalse(builder.contains(events.get(0).get("id").asText()), builder);
    }

    @Test
    void events_have_no_other_pages() {
        assertEquals(404, anna.get("/console/events/anything").statusCode());
    }

    @Test
    void a_failed_delivery_says_why_is_retried_in_its_line_and_resent_with_other_data() {
        product.postEvent(KEY, event("failing", "{\"duration\": 192, \"answered\": true, \"why\": \"bad\"}"));
        String id = product.awaitDeliveries(KEY, "failing", 1, "gave-up")
                .get(0)
                .get("id")
                .asText();
        String list = anna.get("/console/deliveries?status=failed").body();
        assertTrue(list.contains("id=\"line-" + id + "\"") && list.contains("Try again"), list);
        assertTrue(
                list.contains("href=\"/console/webhooks/"
                        + product.read("/v1/webhooks/long%20calls", KEY)
                                .get("id")
                                .asText() + "\""),
                list);
        String path = "/console/deliveries/" + id;
        String page = anna.get(path).body();
        int why = page.indexOf("class=\"why-line\"");
        int response = page.indexOf("<h3>Response</h3>");
        assertTrue(why > 0 && why < response && response < page.indexOf("<h3>Request</h3>"), page);
        assertTrue(page.contains("curl -X"), page);

        String broken = anna.post(path + "/resend", "data", "{\n  oops").body();
        assertTrue(broken.contains("id=\"data-fault\"") && broken.contains("line 2"), broken);
        HttpResponse<String> resent = anna.post(path + "/resend", "data", "{\"duration\": 1}");
        assertEquals(303, resent.statusCode(), resent.body());
        String made =
                anna.get(resent.headers().firstValue("Location").orElseThrow()).body();
        assertTrue(made.contains("<dt>Edited from</dt>") && made.contains(path), made);

        assertEquals(
                303,
                anna.post(path + "/again", "line", "true", "status", "failed").statusCode());
        HttpResponse<String> csv = anna.get("/console/deliveries/csv?event=failing");
        assertTrue(csv.body().contains(id), csv.body());
        assertEquals(
                303,
                anna.post("/console/deliveries", "id", id, "status", "failed").statusCode());
        assertTrue(anna.get("/console/deliveries?status=failed").body().contains("role=\"status\""));
    }

    @Test
    void a_line_that_a_retry_has_renewed_can_be_retried_again() {
        for (String id : List.of("first", "second")) {
            product.postEvent(KEY, event(id, "{}").replace("call.ended", "limited.call"));
        }
        product.awaitDeliveries(KEY, "first", 1, "delivered");
        String id = product.read("/v1/deliveries?event=second", KEY)
                .at("/items/0/id")
                .asText();
        String path = "/console/deliveries/" + id + "/again";
        await().until(() -> anna.get("/console/deliveries?event=second").body().contains("action=\"" + path + "\""));
        for (int i = 0; i < 2; i++) {
            String before = anna.token;
            HttpResponse<String> line = anna.partialPost(path, "line", "true");
            assertEquals(200, line.statusCode(), line.body());
            assertNotEquals(before, anna.token, line.body());
        }
    }

    @Test
    void a_replay_of_matching_deliveries_names_number_and_webhooks_and_leaves_delivered_ones_out() {
        product.postEvent(KEY, event("fits", "{\"duration\": 192, \"answered\": true}"));
        product.awaitDeliveries(KEY, "fits", 1, "delivered");
        String none =
                anna.get("/console/replays?webhook=long%20calls&status=skipped").body();
        assertTrue(none.contains("Replay 0 deliveries"), none);
        String delivered = anna.get("/console/replays?webhook=long%20calls&status=delivered")
                .body();
        assertTrue(delivered.contains("<li><span>long calls</span><span class=\"value\">"), delivered);
        String all = anna.get("/console/replays?eventType=call.ended").body();
        assertTrue(all.contains("would be sent again") && all.contains("By default they are left out"), all);
    }
}
