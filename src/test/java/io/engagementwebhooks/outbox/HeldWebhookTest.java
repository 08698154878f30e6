package io.engagementwebhooks.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.OneWebhook;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A receiver's hold and manual retries (semantics 13), on the running product. The restart has a separate one. */
@Timeout(300)
class HeldWebhookTest {

    private static final String KEY = "an-admin-key-of-acme";

    private final AtomicInteger asked = new AtomicInteger();

    @AutoClose
    private final Receiver receiver = new Receiver(got -> asked.getAndIncrement() == 0
            ? new Receiver.Reply(503, Map.of("Retry-After", "3600"), "")
            : new Receiver.Reply(204));

    @AutoClose
    private RunningProduct product;

    private String send(String id) {
        product.postEvent(KEY, "{\"id\":\"" + id + "\",\"source\":\"/s\",\"type\":\"call.ended\",\"data\":{}}");
        return product.read("/v1/deliveries?event=" + id, KEY).at("/items/0/id").asText();
    }

    private JsonNode one(String delivery) {
        return product.read("/v1/deliveries/" + delivery, KEY);
    }

    private String config() {
        return OneWebhook.named("crm", KEY, receiver.url());
    }

    private String heldUntilInAnHour(RunningProduct by) {
        product = by;
        String first = send("e1");
        Awaitility.await()
                .until(() -> one(first).get("attemptCount").asInt() == 1
                        && one(first).get("state").asText().equals("waiting"));
        Instant next = Instant.parse(one(first).get("next").asText());
        assertTrue(next.isAfter(Instant.now().plus(Duration.ofMinutes(55))), "next is " + next);
        return first;
    }

    private void replay(String delivery) {
        assertEquals(
                202,
                product.post("/v1/deliveries/" + delivery + "/replay", KEY, "application/json", "")
                        .statusCode());
    }

    @Test
    void a_held_delivery_is_sent_on_manual_replay_and_the_rest_follows() {
        String first = heldUntilInAnHour(RunningProduct.shared(config()));
        send("e2");
        assertEquals(1, receiver.requests().size(), "the hold is the whole webhook's");
        replay(first);
        product.awaitDeliveries(KEY, "e1", 1, "delivered");
        product.awaitDeliveries(KEY, "e2", 1, "delivered");
        assertEquals(3, receiver.requests().size());
    }

    @Test
    void a_manual_retry_ends_the_hold_also_after_a_restart(@TempDir Path folder) {
        String first = heldUntilInAnHour(RunningProduct.start(folder, config()));
        assertEquals(
                202,
                product.post("/v1/deliveries/" + first + "/retry", KEY, "application/json", "")
                        .statusCode());
        product.awaitDeliveries(KEY, "e1", 1, "delivered");
        product.stop();
        product.start();
        send("e2");
        product.awaitDeliveries(KEY, "e2", 1, "delivered");
    }

    @Test
    void a_held_first_attempt_is_sent_on_manual_replay() {
        heldUntilInAnHour(RunningProduct.shared(config()));
        String second = send("e2");
        replay(second);
        product.awaitDeliveries(KEY, "e2", 1, "delivered");
        assertEquals(
                "waiting",
                product.read("/v1/deliveries?event=e1", KEY)
                        .at("/items/0/state")
                        .asText());
        assertEquals(List.of(204), List.of(one(second).at("/attempts/0/status").asInt()));
    }
}
