package io.engagementwebhooks.api.delivery;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.api.BackgroundCounts;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.InterceptedStore;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.WebhookId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class DeliveryCountsTest {

    private static final WebhookId CRM = Ids.webhook("acme", "crm");

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T09:31:07Z"));

    @AutoClose
    private Store store;

    @BeforeEach
    void open(@TempDir Path folder) {
        store = SqliteStore.open(folder.resolve("store.db"), clock);
        store.events()
                .accept(List.of(SampleIntake.event("e1").to("crm", clock).intake()))
                .toCompletableFuture()
                .join();
    }

    @Test
    void a_slow_count_blocks_no_request_and_is_shown_when_complete() {
        CountDownLatch slow = new CountDownLatch(1);
        try (BackgroundCounts<DeliveryCounts> counted = counts(countingAfter(slow))) {
            assertEquals(Map.of(), counted.of(List.of("acme")), "not counted yet");
            slow.countDown();
            await().until(() -> counted.of(List.of("acme")).containsKey("acme"));
            assertEquals(
                    Map.of(CRM, Map.of(DeliveryState.WAITING, 1L)),
                    counted.of(List.of("acme")).get("acme").byWebhook());
        }
    }

    @Test
    void a_count_that_fails_hides_no_other() {
        try (BackgroundCounts<String> counted = new BackgroundCounts<>("counting", Duration.ofMinutes(1), account -> {
            if (account.equals("globex")) {
                throw new StoreException("the count took too long", null);
            }
            return "1";
        })) {
            assertEquals(Map.of("acme", "1"), counted.of(List.of("acme", "globex")));
        }
    }

    private BackgroundCounts<DeliveryCounts> counts(Store of) {
        return new BackgroundCounts<>(
                "deliveries-counting", Duration.ofMillis(50), account -> DeliveryCounts.of(of, clock, account));
    }

    /** The store, with a count that waits. */
    private Store countingAfter(CountDownLatch slow) {
        return InterceptedStore.of(store)
                .on("countsByState", (arguments, real) -> {
                    slow.await(180, TimeUnit.SECONDS);
                    return real.proceed();
                })
                .build();
    }
}
