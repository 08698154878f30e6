package io.engagementwebhooks;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.ClockOfSeparate;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.SeparateProduct;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A clock that is set an hour ahead or back under load costs nothing: what is new goes on at once, retries come, and of what was
 * acknowledged nothing is lost, sent without need, or sent under another id.
 */
@Timeout(300)
class ClockJumpTest {

    private static final String KEY = "clock-jump-admin-key-0123456789";
    private static final Duration HOUR = Duration.ofHours(1);

    @TempDir
    Path folder;

    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();

    /** Each fifth event fails once. */
    private Receiver.Reply answer(Receiver.Got got) {
        boolean isFirst = seen.add(id(got));
        return new Receiver.Reply(isFirst && id(got).endsWith("5") ? 500 : 200);
    }

    private static String id(Receiver.Got got) {
        return got.body().replaceAll(".*\"id\":\"([^\"]+)\".*", "$1");
    }

    @Test
    void an_hour_ahead_or_back_under_load_loses_nothing_and_holds_up_nothing_new() throws Exception {
        try (Receiver receiver = new Receiver(this::answer);
                ClockOfSeparate clock = new ClockOfSeparate(folder);
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
                            retry: [200ms, 200ms, 200ms]
                            delivery: {url: "%s", timeout: 30s, authentication: {type: none}}
                    """
                            .formatted(KEY, receiver.url()));
            product.start(clock.launcher());
            underLoad(product, () -> {
                for (Duration ahead : List.of(Duration.ZERO, HOUR, Duration.ZERO, HOUR.negated(), Duration.ZERO)) {
                    clock.ahead(ahead);
                    awaitMoreOfAll();
                }
            });
            // what was to be tried again by the clock that was ahead comes due by it
            clock.ahead(HOUR.multipliedBy(2));
            assertIsAhead(product);
            assertAllArrivedOnce(product, receiver);
        }
    }

    private void assertIsAhead(SeparateProduct product) {
        assertEquals(202, product.post("ahead"));
        acknowledged.add("ahead");
        String at = product.deliveries("ahead").get(0).get("acceptedAt").asText();
        assertTrue(Instant.parse(at).isAfter(Instant.now().plus(HOUR)), at);
    }

    private interface Work {
        void run() throws Exception;
    }

    private void underLoad(SeparateProduct product, Work work) throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        Thread sender = new Thread(() -> {
            for (int n = 0; !stop.get(); n++) {
                String id = "e" + n;
                assertEquals(202, product.post(id), product::log);
                acknowledged.add(id);
            }
        });
        sender.start();
        try {
            work.run();
        } finally {
            stop.set(true);
            sender.join();
        }
    }

    private void awaitMoreOfAll() {
        int before = acknowledged.size();
        await().atMost(Duration.ofSeconds(60)).until(() -> acknowledged.size() > before + 50);
        Set<String> now = Set.copyOf(acknowledged);
        await().atMost(Duration.ofSeconds(60)).until(() -> seen.containsAll(now));
    }

    private void assertAllArrivedOnce(SeparateProduct product, Receiver receiver) {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> product.read("/v1/webhooks/calls").get("waiting").asLong() == 0);
        assertTrue(acknowledged.size() > 250, acknowledged.size() + " were acknowledged");
        Map<String, List<Receiver.Got>> byId =
                receiver.requests().stream().collect(Collectors.groupingBy(ClockJumpTest::id));
        assertEquals(acknowledged, byId.keySet());
        byId.forEach((id, requests) -> {
            assertEquals(id.endsWith("5") ? 2 : 1, requests.size(), id);
            assertEquals(
                    1,
                    requests.stream()
                            .map(got -> got.header("webhook-id"))
                            .distinct()
                            .count());
        });
        JsonNode delivery = product.deliveries("e5").get(0);
        assertEquals("delivered", delivery.get("state").asText());
        assertEquals(2, delivery.get("attemptCount").asInt());
    }
}
