package io.engagementwebhooks.deliver;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Semantics 18: many webhooks of one account hang at a host and port that other webhooks use. */
@Timeout(300)
class SharedHostTest {

    private static final String KEY = "an-admin-key-of-acme-0000";
    private static final String OTHER = "an-admin-key-of-other-0000";
    private static final int HANGING = 400;
    private static final int EVENTS = 20;

    private final CountDownLatch released = new CountDownLatch(1);
    private final AtomicInteger held = new AtomicInteger();

    @AutoClose
    private final Receiver receiver = new Receiver(this::answer);

    @AutoClose
    private RunningProduct product;

    private Receiver.Reply answer(Receiver.Got got) {
        if (got.target().getPath().equals("/hanging")) {
            held.incrementAndGet();
            Patience.await(released);
        }
        return new Receiver.Reply(204);
    }

    private String webhook(String name, String path) {
        return "      - {name: %s, events: [%s], retry: [1h], delivery: {url: \"%s\", timeout: 30s, authentication: {type: none}}}\n"
                .formatted(name, path, receiver.url().resolve("/" + path));
    }

    private String accounts() {
        return "accounts:\n  - id: acme\n    apiKeys: [{name: staff, role: admin, key: " + KEY + "}]\n    webhooks:\n"
                + IntStream.range(0, HANGING)
                        .mapToObj(i -> webhook("hanging-" + i, "hanging"))
                        .collect(Collectors.joining())
                + webhook("healthy", "healthy")
                + "  - id: other\n    apiKeys: [{name: staff, role: admin, key: " + OTHER + "}]\n    webhooks:\n"
                + webhook("healthy", "healthy");
    }

    private void send(String key, String id, String type) {
        product.postEvent(key, "{\"id\":\"" + id + "\",\"source\":\"/s\",\"type\":\"" + type + "\",\"data\":{}}");
    }

    private void assertDelivered(String key, String id) {
        JsonNode delivery = product.awaitDeliveries(key, id, 1, "delivered").get(0);
        assertEquals(1, delivery.get("attemptCount").asInt(), delivery.toString());
    }

    @Test
    void four_hundred_that_hang_delay_neither_another_account_nor_a_healthy_webhook_of_the_same() {
        product = RunningProduct.shared(accounts());
        send(KEY, "hangs", "hanging");
        await().until(() -> held.get() == HANGING);
        for (int i = 0; i < EVENTS; i++) {
            send(OTHER, "other-" + i, "healthy");
            send(KEY, "same-" + i, "healthy");
            assertDelivered(OTHER, "other-" + i);
            assertDelivered(KEY, "same-" + i);
        }
        JsonNode ended = product.read("/v1/deliveries?event=hangs&outcome=try-later", KEY)
                .get("items");
        released.countDown();
        assertEquals(0, ended.size(), "all of them were in flight until then");
    }
}
