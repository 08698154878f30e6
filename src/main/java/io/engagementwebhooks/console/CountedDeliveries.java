package io.engagementwebhooks.console;

import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * How many deliveries of accounts stand where. Counting looks at each that is kept, so it happens in one thread of its own,
 * and nobody waits long for it: what takes longer is told as it was counted last, and counted anew at most in a tenth of the
 * time; nobody waits for it then. Where little is kept it is counted for whoever asks. Thread-safe.
 */
public final class CountedDeliveries implements AutoCloseable {

    private static final Duration LONGEST_WAIT = Duration.ofMillis(50);

    /** What took so long to count is counted again after so many times as long. */
    private static final int REST = 10;

    private final Store store;
    private final Clock clock;
    private final ExecutorService counting = Executors.newSingleThreadExecutor(work -> {
        Thread thread = new Thread(work, "deliveries-counting");
        thread.setDaemon(true);
        return thread;
    });
    private final Map<String, Counted> last = new ConcurrentHashMap<>();
    private final Map<String, CompletableFuture<Counted>> running = new ConcurrentHashMap<>();

    public CountedDeliveries(Store store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    /**
     * What was counted of an account.
     *
     * @param byWebhook those that have any
     * @param total of all of them together
     * @param at when it was begun
     * @param took how long it took
     */
    record Counted(
            Map<WebhookId, Map<DeliveryState, Long>> byWebhook,
            Map<DeliveryState, Long> total,
            Instant at,
            Duration took) {

        private boolean isWaitedFor() {
            return took.compareTo(LONGEST_WAIT) < 0;
        }

        private boolean isNews(Instant now) {
            return now.isBefore(at.plus(took.multipliedBy(REST)));
        }
    }

    /** By accounts; one that was never counted, and is being counted now, is left out. */
    Map<String, Counted> of(Collection<String> accounts) {
        Instant now = clock.instant();
        long end = System.nanoTime() + LONGEST_WAIT.toNanos();
        Map<String, CompletableFuture<Counted>> asked = new HashMap<>();
        for (String account : accounts) {
            Counted known = last.get(account);
            if (known == null || !known.isNews(now)) {
                CompletableFuture<Counted> count = running.computeIfAbsent(account, this::begin);
                if (known == null || known.isWaitedFor()) {
                    asked.put(account, count);
                }
            }
        }
        asked.forEach((account, count) -> await(count, end - System.nanoTime()));
        Map<String, Counted> counted = new HashMap<>();
        for (String account : accounts) {
            Counted known = last.get(account);
            if (known != null) {
                counted.put(account, known);
            }
        }
        return counted;
    }

    private CompletableFuture<Counted> begin(String account) {
        CompletableFuture<Counted> count = new CompletableFuture<>();
        counting.execute(() -> {
            try {
                Counted counted = count(account);
                last.put(account, counted);
                count.complete(counted);
            } catch (RuntimeException e) {
                count.completeExceptionally(e);
            } finally {
                running.remove(account, count);
            }
        });
        return count;
    }

    private Counted count(String account) {
        Instant begin = clock.instant();
        long nanos = System.nanoTime();
        Map<WebhookId, Map<DeliveryState, Long>> figures = store.figures(List.of(account));
        Map<DeliveryState, Long> total = new EnumMap<>(DeliveryState.class);
        figures.values().forEach(webhook -> webhook.forEach((state, count) -> total.merge(state, count, Long::sum)));
        return new Counted(figures, total, begin, Duration.ofNanos(System.nanoTime() - nanos));
    }

    private static void await(CompletableFuture<Counted> count, long nanos) {
        try {
            count.get(Math.max(0, nanos), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            // it goes on, for whoever asks next
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new CompletionException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        counting.shutdownNow();
    }
}
