package io.engagementwebhooks.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.accept.Intake;
import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.query.AttemptRow;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.SampleAttempt;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.webhook.WebhookId;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many due retries and new events. The class starts its product, because it fills the store before. */
@Timeout(600)
class ManyRetriesTest {

    private static final String KEY = "an-admin-key-of-acme";
    private static final WebhookId CRM = Ids.webhook("acme", "crm");
    private static final int AT_A_TIME = 500;
    private static final int FRESH = 20;

    @TempDir
    Path folder;

    private final AtomicInteger retried = new AtomicInteger();
    private final Set<String> arrived = ConcurrentHashMap.newKeySet();
    private final CountDownLatch allFresh = new CountDownLatch(2 * FRESH);

    @AutoClose
    private final Receiver receiver = new Receiver(got -> {
        if (got.body().contains("\"id\":\"old-")) {
            retried.incrementAndGet();
        } else if (arrived.add(got.target() + got.body())) {
            allFresh.countDown();
        }
        return new Receiver.Reply(204);
    });

    @AutoClose
    private RunningProduct product;

    private static void fill(Path file, int retries) {
        Clock clock = Clock.systemUTC();
        try (SqliteStore store = SqliteStore.open(file, clock)) {
            for (int from = 0; from < retries; from += AT_A_TIME) {
                List<SampleIntake> some = new ArrayList<>();
                for (int i = from; i < from + AT_A_TIME; i++) {
                    some.add(SampleIntake.event("old-" + i).to(CRM.name(), clock));
                }
                List<Intake> batch = some.stream().map(SampleIntake::intake).toList();
                store.events().accept(batch).toCompletableFuture().join();
                Instant now = clock.instant();
                CompletableFuture.allOf(some.stream()
                                .map(intake -> store.outcomes()
                                        .record(failed(intake.deliveryId(), now))
                                        .toCompletableFuture())
                                .toArray(CompletableFuture[]::new))
                        .join();
            }
        }
    }

    private static AttemptResult failed(String delivery, Instant now) {
        AttemptRow attempt = SampleAttempt.of(1, now, 1, "try-later", "answered 500", null, 500, null, null);
        return new AttemptResult(delivery, CRM, DeliveryState.WAITING, "answered 500", now, attempt, null, null);
    }

    @Test
    void new_deliveries_arrive_before_all_retries_at_the_same_and_another_webhook() throws Exception {
        assertNewArrivesBefore(20_000);
    }

    @Test
    @Tag("slow")
    void new_deliveries_arrive_before_a_hundred_thousand_retries() throws Exception {
        assertNewArrivesBefore(100_000);
    }

    private void assertNewArrivesBefore(int retries) throws Exception {
        fill(folder.resolve("data").resolve("webhooks.db"), retries);
        product = RunningProduct.start(
                folder,
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: an-admin-key-of-acme}]
                    webhooks:
                      - {name: crm, events: ["*"], delivery: {url: "%1$s/crm", authentication: {type: none}}}
                      - {name: erp, events: ["*"], delivery: {url: "%1$s/erp", authentication: {type: none}}}
                """
                        .formatted(receiver.url()));
        for (int i = 0; i < FRESH; i++) {
            String event = "{\"id\":\"new-" + i + "\",\"source\":\"/s\",\"type\":\"call.ended\",\"data\":{}}";
            HttpResponse<String> answer = product.postEvent(KEY, event);
            assertEquals(202, answer.statusCode(), answer.body());
        }
        assertTrue(
                allFresh.await(Duration.ofMinutes(5).toSeconds(), TimeUnit.SECONDS),
                () -> arrived.size() + " arrived, and " + retried + " retries");
        assertTrue(retried.get() < retries / 2, retried + " retries went first");
    }
}
