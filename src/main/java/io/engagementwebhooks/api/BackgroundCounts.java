package io.engagementwebhooks.api;

import io.engagementwebhooks.ledger.Background;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Counts by account, on a separate thread: a count reads many rows. A caller waits for a limited time and then gets the
 * last count; a count, also one that fails, is repeated only after ten times its duration. Thread-safe.
 */
public final class BackgroundCounts<T> implements AutoCloseable {

    private static final int REFRESH_FACTOR = 10;

    private final Function<String, T> count;
    private final Duration maxWait;
    private final Background counting;
    private final Map<String, T> last = new ConcurrentHashMap<>();

    /** When a count is stale, by {@link System#nanoTime}. */
    private final Map<String, Long> staleAt = new ConcurrentHashMap<>();

    private final Map<String, CompletableFuture<Void>> running = new ConcurrentHashMap<>();

    /**
     * @param name the thread's name
     * @param maxWait the longest wait of a caller
     * @param count counts for an account
     */
    public BackgroundCounts(String name, Duration maxWait, Function<String, T> count) {
        this.counting = new Background(name);
        this.maxWait = maxWait;
        this.count = count;
    }

    /** Counts by account; an account that is being counted for the first time is left out. */
    public Map<String, T> of(Collection<String> accounts) {
        CompletableFuture.allOf(accounts.stream()
                        .filter(this::isStale)
                        .map(account -> running.computeIfAbsent(account, this::begin))
                        .toArray(CompletableFuture[]::new))
                .completeOnTimeout(null, maxWait.toMillis(), TimeUnit.MILLISECONDS)
                .join();
        Map<String, T> known = new HashMap<>(last);
        known.keySet().retainAll(accounts);
        return known;
    }

    private boolean isStale(String account) {
        Long at = staleAt.get(account);
        return at == null || System.nanoTime() - at >= 0;
    }

    private CompletableFuture<Void> begin(String account) {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        counting.after(Duration.ZERO, () -> count(account, ended));
        return ended;
    }

    private void count(String account, CompletableFuture<Void> ended) {
        long begin = System.nanoTime();
        try {
            last.put(account, count.apply(account));
        } finally {
            long end = System.nanoTime();
            staleAt.put(account, end + REFRESH_FACTOR * (end - begin));
            running.remove(account);
            ended.complete(null);
        }
    }

    @Override
    public void close() {
        counting.close();
    }
}
