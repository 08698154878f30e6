package io.engagementwebhooks;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.ClockOfSeparate;
import io.engagementwebhooks.testkit.Postgres;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.SeparateProduct;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A clock that is set an hour ahead or back under load: what is new goes on at once, and of what was acknowledged nothing is
 * lost, sent without need, or sent under another id. What it costs is time: a retry has the time that was stored for it, so what
 * was planned by a clock that was an hour ahead comes an hour late when it has gone back, unless a person wants it now.
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
    void nothing_is_lost_nothing_new_waits_and_retries_planned_ahead_go_when_their_stored_time_comes()
            throws Exception {
        jumpsUnderLoad(List.of(), (product, clock) -> {
            clock.ahead(HOUR.multipliedBy(2));
            assertIsAhead(product);
        });
    }

    @Test
    @Tag("slow")
    void retries_planned_ahead_go_at_once_when_a_person_wants_them_now() throws Exception {
        jumpsUnderLoad(List.of(), (product, clock) -> release(product));
    }

    /** Also where the clock says that a lease has ended, or that it has an hour to go. */
    @Test
    @Tag("slow")
    void the_same_on_postgresql() throws Exception {
        String database = Postgres.newDatabase();
        try {
            jumpsUnderLoad(
                    List.of(
                            "webhooks.store.url=" + database,
                            "webhooks.store.user=" + Postgres.USER,
                            "webhooks.store.key=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
                            "webhooks.store.lease=3s"),
                    (product, clock) -> release(product));
        } finally {
            Postgres.drop(database);
        }
    }

    /** Some wait for an hour that is not over; one that is being sent has no next try. */
    private static void release(SeparateProduct product) {
        List<Instant> planned = new ArrayList<>();
        for (JsonNode item :
                product.read("/v1/deliveries?limit=200&outcome=try-later").path("items")) {
            if (item.path("next").isTextual()) {
                planned.add(Instant.parse(item.path("next").textValue()));
            }
        }
        assertTrue(!planned.isEmpty());
        Instant soon = Instant.now().plus(HOUR.dividedBy(2));
        assertTrue(planned.stream().anyMatch(soon::isBefore), planned::toString);
        assertEquals(200, product.handle("/v1/webhooks/calls/release"));
    }

    private interface Mend {
        void of(SeparateProduct product, ClockOfSeparate clock) throws Exception;
    }

    private void jumpsUnderLoad(List<String> properties, Mend mend) throws Exception {
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
                            retry: [5s, 200ms, 200ms]
                            delivery: {url: "%s", timeout: 30s, authentication: {type: none}}
                    """
                            .formatted(KEY, receiver.url()));
            product.start(clock.launcher(), properties.toArray(String[]::new));
            underLoad(product, () -> {
                for (Duration ahead : List.of(Duration.ZERO, HOUR, Duration.ZERO, HOUR.negated(), Duration.ZERO)) {
                    clock.ahead(ahead);
                    awaitNews();
                }
            });
            mend.of(product, clock);
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

    /** What is accepted from now on is sent at once; what was accepted right before a clock went back may wait for it. */
    private void awaitNews() {
        Set<String> before = awaitMore(2);
        Set<String> news = new HashSet<>(awaitMore(50));
        news.removeAll(before);
        await().until(() -> seen.containsAll(news));
    }

    private Set<String> awaitMore(int many) {
        int before = acknowledged.size();
        await().until(() -> acknowledged.size() > before + many);
        return Set.copyOf(acknowledged);
    }

    private void assertAllArrivedOnce(SeparateProduct product, Receiver receiver) {
        await().until(() -> product.read("/v1/webhooks/calls").get("waiting").asLong() == 0);
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
