package io.engagementwebhooks;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.SeparateProduct;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Promise 8 of the engine: SIGTERM under load. It ends within its limit, what is in flight ends by then and is not sent again,
 * and what is left goes on after the next start.
 */
@Timeout(300)
class StoppingTest {

    private static final String KEY = "stopping-admin-key-0123456789";
    private static final int LIMIT_SECONDS = 5;

    private static final int SENDERS = 4;

    @TempDir
    Path folder;

    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private final AtomicInteger sent = new AtomicInteger();
    private final CountDownLatch letGo = new CountDownLatch(1);
    private volatile boolean stopping;

    private Receiver.Reply answer(Receiver.Got got) {
        if (got.body().contains("\"id\":\"hangs\"")) {
            Patience.await(letGo);
        }
        return new Receiver.Reply(200);
    }

    private static long times(Receiver receiver, String id) {
        return receiver.requests().stream()
                .filter(got -> got.body().contains("\"id\":\"" + id + "\""))
                .count();
    }

    @Test
    void what_is_in_flight_ends_and_what_is_left_goes_on_after_the_next_start() throws Exception {
        try (Receiver receiver = new Receiver(this::answer);
                SeparateProduct product = new SeparateProduct(folder, KEY)) {
            Files.writeString(
                    folder.resolve("webhooks.yaml"),
                    """
                    accounts:
                      - id: acme
                        apiKeys: [{name: all, role: admin, key: %s}]
                        webhooks:
                          - name: calls
                            events: ["*"]
                            delivery: {url: "%s", timeout: 30s, authentication: {type: none}}
                    """
                            .formatted(KEY, receiver.url()));
            String limit = "camel.main.shutdownTimeout=" + LIMIT_SECONDS;
            product.start(List.of(), limit);

            stopUnderLoad(product, receiver);

            letGo.countDown();
            product.start(List.of(), limit);
            acknowledged.add("hangs");
            await().until(() -> acknowledged.stream().allMatch(id -> times(receiver, id) > 0));
            await().until(() -> isDelivered(product, "hangs"));
            acknowledged.remove("hangs");
            assertTrue(acknowledged.size() > 50, acknowledged.size() + " were acknowledged");
            acknowledged.forEach(id -> assertEquals(1, times(receiver, id), id));
            assertIsTheSameAgain(product, receiver);
        }
    }

    private static boolean isDelivered(SeparateProduct product, String id) {
        return product.deliveries(id).get(0).get("state").asText().equals("delivered");
    }

    /** The one that did not end in time: the end was not put off until its attempt timed out, and it has the same id. */
    private static void assertIsTheSameAgain(SeparateProduct product, Receiver receiver) {
        List<String> ids = receiver.requests().stream()
                .filter(got -> got.body().contains("\"id\":\"hangs\""))
                .map(got -> got.header("webhook-id"))
                .toList();
        assertEquals(2, ids.size());
        assertEquals(1, Set.copyOf(ids).size());
        JsonNode delivery = product.deliveries("hangs").get(0);
        assertEquals(1, delivery.get("attemptCount").asInt(), () -> product.log()
                .lines()
                .filter(line -> line.contains("event=hangs") || line.contains("could not be") || line.contains("ERROR"))
                .toList()
                .toString());
    }

    private void stopUnderLoad(SeparateProduct product, Receiver receiver) throws Exception {
        ExecutorService senders = Executors.newFixedThreadPool(SENDERS);
        try {
            List<Future<?>> sending = IntStream.range(0, SENDERS)
                    .<Future<?>>mapToObj(i -> senders.submit(() -> sendUntilRefused(product)))
                    .toList();
            await().until(() -> receiver.requests().size() > 100);
            assertEquals(202, product.post("hangs"));
            await().until(() -> times(receiver, "hangs") == 1);
            stopping = true;
            assertEquals(143, product.terminate());
            for (Future<?> one : sending) {
                one.get(Patience.LONG.toSeconds(), TimeUnit.SECONDS);
            }
        } finally {
            senders.shutdownNow();
        }
    }

    /** A refusal before the stop is one under load, and does not end the load. */
    private void sendUntilRefused(SeparateProduct product) {
        boolean accepted = true;
        while (accepted || !stopping) {
            String id = "e" + sent.incrementAndGet();
            accepted = product.post(id) == 202;
            if (accepted) {
                acknowledged.add(id);
            }
        }
    }
}
