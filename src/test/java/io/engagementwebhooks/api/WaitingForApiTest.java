package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** What a delivery waits for (semantics 43): the delivery, the list and {@code /v1/waiting} agree. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WaitingForApiTest {

    private static final String KEY = "an-admin-key-of-acme";

    /** Initial limit of a webhook's requests in flight. */
    private static final int AT_FIRST = 16;

    private final CountDownLatch gate = new CountDownLatch(1);
    private Receiver receiver;
    private RunningProduct product;

    @BeforeAll
    void start() {
        receiver = new Receiver(this::answer);
        product = RunningProduct.shared(
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: an-admin-key-of-acme}]
                    webhooks:
                      - {name: hanging, events: ["hangs"], delivery: {url: "%1$s", authentication: {type: none}, timeout: 30s}}
                      - {name: failing, events: ["fails"], retry: [1h], delivery: {url: "%1$s", authentication: {type: none}}}
                      - {name: busy, events: ["busy"], retry: [1h], delivery: {url: "%1$s", authentication: {type: none}}}
                      - {name: ordered, events: ["ordered"], retry: [2h], delivery: {url: "%1$s", authentication: {type: none}, fifo: {skipAfter: never}}}
                      - {name: limited, events: ["limited"], delivery: {url: "%1$s", authentication: {type: none}, rateLimit: 1/h}}
                      - {name: paused, events: ["paused"], delivery: {url: "%1$s", authentication: {type: none}}}
                      - {name: recorded, events: ["recorded"], delivery: {url: "%1$s", authentication: {type: none}, waitFor: {field: data.recording_id, atMost: 30m}}}
                """
                        .formatted(receiver.url()));
    }

    @AfterAll
    void stop() {
        gate.countDown();
        product.close();
        receiver.close();
    }

    private Receiver.Reply answer(Receiver.Got got) {
        if (got.body().contains("\"hangs\"") && !got.body().contains("hangs-0")) {
            Patience.await(gate);
        }
        if (got.body().contains("\"busy\"")) {
            return new Receiver.Reply(503, Map.of("Retry-After", "7200"), "");
        }
        return new Receiver.Reply(got.body().contains("\"fails\"") || got.body().contains("\"ordered\"") ? 500 : 204);
    }

    private String send(String type, int number) {
        String id = type + "-" + number;
        product.postEvent(
                KEY,
                "{\"id\":\"" + id + "\",\"source\":\"/s\",\"type\":\"" + type
                        + "\",\"subject\":\"call/1\",\"data\":{}}");
        return product.read("/v1/deliveries?event=" + id, KEY).at("/items/0/id").asText();
    }

    private JsonNode one(String delivery) {
        return product.read("/v1/deliveries/" + delivery, KEY);
    }

    private JsonNode attempted(String delivery) {
        return Awaitility.await()
                .until(
                        () -> one(delivery),
                        shown -> shown.get("attemptCount").asInt() == 1
                                && shown.get("state").asText().equals("waiting"));
    }

    private JsonNode listed(String delivery) {
        for (JsonNode item :
                product.read("/v1/deliveries?text=" + delivery, KEY).get("items")) {
            return item;
        }
        throw new AssertionError(delivery + " is not listed");
    }

    /** As in the delivery and the list. {@code until} is never in the past. */
    private JsonNode waitingFor(String delivery, String kind) {
        JsonNode shown = one(delivery);
        JsonNode reason = shown.get("waitingFor");
        assertEquals(kind, reason.path("kind").asText(), shown.toString());
        assertEquals(reason.path("until").asText(null), shown.get("next").asText(null));
        assertEquals(reason, listed(delivery).get("waitingFor"));
        if (reason.has("until")) {
            assertTrue(Instant.parse(reason.get("until").asText()).isAfter(Instant.now()), shown.toString());
        }
        return reason;
    }

    private static Duration fromNow(JsonNode reason) {
        return Duration.between(Instant.now(), Instant.parse(reason.get("until").asText()));
    }

    private JsonNode atWebhook(String webhook) {
        return product.read("/v1/waiting?webhook=" + webhook, KEY).get("items").get(0);
    }

    private void assertFirst(String webhook, String delivery) {
        assertEquals(delivery, atWebhook(webhook).get("first").asText());
        assertEquals(one(delivery).get("waitingFor"), atWebhook(webhook).get("waitingFor"));
    }

    @Test
    void a_hanging_delivery_waits_for_its_response_and_the_next_for_its_turn() {
        // a new webhook sends one request until that is answered
        send("hangs", 0);
        product.awaitDeliveries(KEY, "hangs-0", 1, "delivered");
        String first = send("hangs", 1);
        for (int i = 2; i <= AT_FIRST; i++) {
            send("hangs", i);
        }
        product.awaitDeliveries(KEY, "hangs-" + AT_FIRST, 1, "sending");
        String behind = send("hangs", AT_FIRST + 1);
        JsonNode answer = waitingFor(first, "answer");
        assertFalse(Instant.parse(answer.get("since").asText()).isAfter(Instant.now()));
        assertEquals("sending", one(first).get("state").asText());
        Awaitility.await()
                .until(
                        () -> one(behind).get("waitingFor").path("unanswered").asInt(),
                        unanswered -> unanswered == AT_FIRST);
        JsonNode turn = waitingFor(behind, "turn");
        assertEquals(AT_FIRST, turn.get("behind").asInt());
        assertTrue(turn.get("exact").asBoolean());
        assertEquals(AT_FIRST, turn.get("unanswered").asInt());
        assertEquals("waiting", one(behind).get("state").asText());
        assertTrue(one(behind).get("next").isNull());
        assertFirst("hanging", behind);
    }

    @Test
    void a_failed_delivery_waits_for_its_retry() {
        String delivery = send("fails", 1);
        attempted(delivery);
        JsonNode retry = waitingFor(delivery, "retry");
        assertTrue(fromNow(retry).compareTo(Duration.ofMinutes(50)) > 0, retry.toString());
        assertFirst("failing", delivery);
    }

    @Test
    void a_delay_requested_by_the_receiver_names_the_receiver() {
        attempted(send("busy", 1));
        String second = send("busy", 2);
        JsonNode limit = waitingFor(second, "rate-limit");
        assertEquals("receiver", limit.get("limitedBy").asText());
        assertTrue(fromNow(limit).compareTo(Duration.ofMinutes(110)) > 0, limit.toString());
    }

    @Test
    void a_delivery_behind_another_of_its_key_names_that_one() {
        String first = send("ordered", 1);
        attempted(first);
        JsonNode order = waitingFor(send("ordered", 2), "order");
        assertEquals(first, order.get("delivery").asText());
        assertFalse(order.has("until"), "it never overtakes the first");
        assertFirst("ordered", first);
    }

    @Test
    void a_delivery_above_the_rate_limit_says_when_the_next_is_sent() {
        send("limited", 1);
        product.awaitDeliveries(KEY, "limited-1", 1, "delivered");
        JsonNode limit = waitingFor(send("limited", 2), "rate-limit");
        assertEquals("webhook", limit.get("limitedBy").asText());
        assertEquals(0, limit.get("behind").asInt());
        assertTrue(limit.get("exact").asBoolean());
        assertTrue(fromNow(limit).compareTo(Duration.ofMinutes(50)) > 0, limit.toString());
    }

    @Test
    void a_delivery_of_a_paused_webhook_says_so() {
        product.post("/v1/webhooks/paused/pause", KEY, "application/json", "");
        String delivery = send("paused", 1);
        assertEquals(
                "webhook-paused", waitingFor(delivery, "paused").get("cause").asText());
        assertEquals("paused", one(delivery).get("state").asText());
        assertFirst("paused", delivery);
    }

    @Test
    void a_delivery_waiting_for_a_field_names_it() {
        JsonNode field = waitingFor(send("recorded", 1), "field");
        assertEquals("data.recording_id", field.get("field").asText());
        assertTrue(fromNow(field).compareTo(Duration.ofMinutes(20)) > 0, field.toString());
    }
}
