package io.engagementwebhooks.console;

import io.engagementwebhooks.ledger.Background;
import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Counts deliveries of accounts by state, on a separate thread: counting reads every stored delivery. A caller waits
 * at most 50 ms and then gets the last count; a count is repeated only after ten times its duration. Thread-safe.
 */
final class DeliveryCounts implements AutoCloseable {

    private static final Duration MAX_WAIT = Duration.ofMillis(50);
    private static final int REFRESH_FACTOR = 10;

    private final Store store;
    private final Clock clock;
    private final Background counting = new Background("deliveries-counting");
    private final Map<String, Counts> last = new ConcurrentHashMap<>();
    private final Map<String, CompletableFuture<Void>> running = new ConcurrentHashMap<>();

    DeliveryCounts(Store store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    /**
     * Counts of an account.
     *
     * @param byWebhook webhooks with deliveries
     * @param total of all webhooks
     * @param at when the count began
     * @param staleNanos when to repeat it, by {@link System#nanoTime}
     */
    record Counts(
            Map<WebhookId, Map<DeliveryState, Long>> byWebhook,
            Map<DeliveryState, Long> total,
            Instant at,
            long staleNanos) {}

    /** Counts by account; an account that is being counted for the first time is left out. */
    Map<String, Counts> of(Collection<String> accounts) {
        CompletableFuture.allOf(accounts.stream()
                        .filter(this::isStale)
                        .map(account -> running.computeIfAbsent(account, this::begin))
                        .toArray(CompletableFuture[]::new))
                .completeOnTimeout(null, MAX_WAIT.toMillis(), TimeUnit.MILLISECONDS)
                .join();
        Map<String, Counts> known = new HashMap<>(last);
        known.keySet().retainAll(accounts);
        return known;
    }

    private boolean isStale(String account) {
        Counts known = last.get(account);
        return known == null || System.nanoTime() - known.staleNanos() >= 0;
    }

    private CompletableFuture<Void> begin(String account) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        last.put(account, count(account));
                    } finally {
                        running.remove(account);
                    }
                },
                counting);
    }

    private Counts count(String account) {
        Instant at = clock.instant();
        long begin = System.nanoTime();
        Map<WebhookId, Map<DeliveryState, Long>> byWebhook = store.deliveries().countsByState(account);
        Map<DeliveryState, Long> total = new EnumMap<>(DeliveryState.class);
        byWebhook.values().forEach(webhook -> webhook.forEach((state, count) -> total.merge(state, count, Long::sum)));
        long end = System.nanoTime();
        return new Counts(byWebhook, total, at, end + REFRESH_FACTOR * (end - begin));
    }

    @Override
    public void close() {
        counting.close();
    }
}
