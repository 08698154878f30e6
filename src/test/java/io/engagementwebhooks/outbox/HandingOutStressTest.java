package io.engagementwebhooks.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.store.query.AttemptRow;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.Pause;
import io.engagementwebhooks.testkit.SampleAttempt;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.webhook.WebhookId;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Concurrent threads: each delivery is dispatched exactly once per attempt. */
@Timeout(300)
class HandingOutStressTest {

    private static final int ACCEPTING = 4;
    private static final int EVENTS_EACH = 400;
    private static final int WORKERS = 12;
    private static final int STOPS = 15;
    private static final List<WebhookId> WEBHOOKS =
            IntStream.range(0, 6).mapToObj(i -> Ids.webhook("acme", "w" + i)).toList();

    /** Yields the processor after a poll without result. */
    private static final Duration MOMENT = Duration.ofMillis(1);

    @TempDir
    Path folder;

    private final Clock clock = Clock.systemUTC();
    private final Map<String, Integer> handedOut = new ConcurrentHashMap<>();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final AtomicInteger ended = new AtomicInteger();
    private SqliteStore store;
    private OutboxFixture due;
    private Outbox outbox;

    @Test
    void each_delivery_is_dispatched_exactly_once_per_attempt() throws Exception {
        store = SqliteStore.open(folder.resolve("webhooks.db"), clock);
        due = new OutboxFixture(store, clock, 10_000, 64);
        outbox = due.outbox();
        due.define(Set.copyOf(WEBHOOKS));
        due.open();
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < ACCEPTING; i++) {
                all.add(threads.submit(accepting(i)));
            }
            for (int i = 0; i < WORKERS; i++) {
                all.add(threads.submit(this::work));
            }
            all.add(threads.submit(this::stopAndStart));
            all.add(threads.submit(this::pauseAndResume));
            for (Future<?> one : all) {
                one.get(280, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
            due.close();
            store.close();
        }
        assertEquals(List.of(), List.copyOf(wrong));
        assertEquals(ACCEPTING * EVENTS_EACH, ended.get());
        assertTrue(handedOut.values().stream().anyMatch(attempts -> attempts > 1));
    }

    private Callable<Void> accepting(int thread) {
        return () -> {
            for (int i = 0; i < EVENTS_EACH; i++) {
                WebhookId webhook = WEBHOOKS.get((thread + i) % WEBHOOKS.size());
                SampleIntake intake = SampleIntake.event(thread + "-" + i).to(webhook.name(), clock);
                var stored = outbox.acceptance().accept(List.of(intake.intake()));
                if (i % 4 == 0) {
                    stored.toCompletableFuture().get(60, TimeUnit.SECONDS);
                }
            }
            return null;
        };
    }

    private Void work() throws Exception {
        while (ended.get() < ACCEPTING * EVENTS_EACH) {
            DueDelivery next = due.takeIfAny();
            if (next == null) {
                Pause.of(MOMENT);
                continue;
            }
            int attempt = handedOut.merge(next.id(), 1, Integer::sum);
            if (attempt != next.attempts() + 1) {
                wrong.add(next.id() + " was handed out " + attempt + " times and had " + next.attempts() + " attempts");
            }
            finish(next);
        }
        return null;
    }

    private void finish(DueDelivery delivery) throws Exception {
        boolean fails = ThreadLocalRandom.current().nextInt(3) == 0;
        boolean slowDown = fails && ThreadLocalRandom.current().nextInt(4) == 0;
        AttemptResult ended = fails ? tryLater(delivery) : delivered(delivery);
        AttemptResult result = slowDown ? ended.withSlowDown() : ended;
        store.outcomes()
                .record(result)
                .thenRun(() -> {
                    if (!fails) {
                        this.ended.incrementAndGet();
                    }
                })
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
    }

    private AttemptResult tryLater(DueDelivery d) {
        return new AttemptResult(
                d.id(), d.webhook(), DeliveryState.WAITING, "", clock.instant(), row(d, "try-later", 500), null, null);
    }

    private AttemptResult delivered(DueDelivery d) {
        return new AttemptResult(
                d.id(), d.webhook(), DeliveryState.DELIVERED, "", null, row(d, "delivered", 200), null, null);
    }

    private AttemptRow row(DueDelivery d, String outcome, int status) {
        return SampleAttempt.of(d.attempts() + 1, clock.instant(), 1, outcome, "", null, status, null, null);
    }

    private Void stopAndStart() {
        for (int i = 0; i < STOPS; i++) {
            due.close();
            due.open();
            int before = ended.get();
            while (ended.get() < Math.min(before + 50, ACCEPTING * EVENTS_EACH)) {
                Pause.of(MOMENT);
            }
        }
        return null;
    }

    private Void pauseAndResume() throws Exception {
        for (int i = 0; i < STOPS; i++) {
            WebhookId webhook = WEBHOOKS.get(i % WEBHOOKS.size());
            set(webhook, WebhookState.State.PAUSED);
            due.define(WEBHOOKS.stream().filter(w -> !w.equals(webhook)).collect(Collectors.toSet()));
            int before = ended.get();
            // others continue in between; the last few may all be of this thread
            for (int looks = 0; looks < 100 && ended.get() < before + 20; looks++) {
                Pause.of(MOMENT);
            }
            due.define(Set.copyOf(WEBHOOKS));
            set(webhook, WebhookState.State.ACTIVE);
        }
        return null;
    }

    private void set(WebhookId webhook, WebhookState.State state) throws Exception {
        outbox.setState(webhook, state, null).toCompletableFuture().get(60, TimeUnit.SECONDS);
    }
}
