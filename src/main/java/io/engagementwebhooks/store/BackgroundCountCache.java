package io.engagementwebhooks.store;

import io.engagementwebhooks.ledger.Background;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Caches expensive counts by key. One background thread counts. A caller waits at most 50 ms and then gets the last
 * count; a slow count is repeated only after ten times its duration. Thread-safe.
 */
public final class BackgroundCountCache<K, T> implements AutoCloseable {

    private static final Duration MAX_WAIT = Duration.ofMillis(50);

    /** A count is refreshed after its duration times this. */
    private static final int REFRESH_FACTOR = 10;

    private final Function<K, T> count;
    private final Clock clock;
    private final Background counting;
    private final Map<K, Count<T>> last = new ConcurrentHashMap<>();
    private final Map<K, CompletableFuture<Void>> running = new ConcurrentHashMap<>();

    /**
     * @param thread the thread's name
     * @param count computes the count of a key
     */
    public BackgroundCountCache(String thread, Function<K, T> count, Clock clock) {
        this.count = count;
        this.clock = clock;
        this.counting = new Background(thread);
    }

    /**
     * A cached count.
     *
     * @param at when counting began
     * @param began the same time by {@link System#nanoTime()}
     * @param took the duration of counting
     */
    public record Count<T>(T value, Instant at, long began, Duration took) {

        private boolean isFast() {
            return took.compareTo(MAX_WAIT) < 0;
        }

        private boolean isFresh() {
            return System.nanoTime() - began < REFRESH_FACTOR * took.toNanos();
        }
    }

    /** Counts by key. A key that is being counted for the first time is missing. */
    public Map<K, Count<T>> of(Collection<K> resources) {
        long end = System.nanoTime() + MAX_WAIT.toNanos();
        Map<K, CompletableFuture<Void>> awaited = new HashMap<>();
        for (K resource : resources) {
            Count<T> known = last.get(resource);
            if (known == null || !known.isFresh()) {
                CompletableFuture<Void> begun = running.computeIfAbsent(resource, this::begin);
                if (known == null || known.isFast()) {
                    awaited.put(resource, begun);
                }
            }
        }
        awaited.forEach((resource, begun) -> await(begun, end - System.nanoTime()));
        Map<K, Count<T>> counted = new HashMap<>();
        for (K resource : resources) {
            Count<T> known = last.get(resource);
            if (known != null) {
                counted.put(resource, known);
            }
        }
        return counted;
    }

    private CompletableFuture<Void> begin(K resource) {
        CompletableFuture<Void> begun = new CompletableFuture<>();
        try {
            counting.execute(() -> {
                try {
                    last.put(resource, count(resource));
                    begun.complete(null);
                } catch (RuntimeException e) {
                    begun.completeExceptionally(e);
                } finally {
                    running.remove(resource, begun);
                }
            });
        } catch (RejectedExecutionException e) {
            throw new StoreException("cannot count: the store is closed", e);
        }
        return begun;
    }

    private Count<T> count(K resource) {
        Instant begin = clock.instant();
        long nanos = System.nanoTime();
        T value = count.apply(resource);
        return new Count<>(value, begin, nanos, Duration.ofNanos(System.nanoTime() - nanos));
    }

    private static void await(CompletableFuture<Void> begun, long nanos) {
        try {
            begun.get(Math.max(0, nanos), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            // counting continues for the next caller
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new CompletionException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        counting.close();
    }
}
