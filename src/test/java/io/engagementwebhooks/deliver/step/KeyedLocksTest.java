package io.engagementwebhooks.deliver.step;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.outcome.RecordKey;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Semantics 20: deliveries for one record are sent one at a time, in the order of their events. */
class KeyedLocksTest {

    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

    private final KeyedLocks<String> locks = new KeyedLocks<>(Comparator.naturalOrder(), 16);

    private CompletableFuture<KeyedLocks.Lock> take(int minute, String... records) {
        return locks.acquire(List.of(records), NOON.plusSeconds(60L * minute), "a delivery");
    }

    @Test
    void other_records_do_not_wait() {
        take(0, "a").join();

        assertTrue(take(0, "b", "c").isDone());
        assertFalse(take(0, "c", "d").isDone());
    }

    @Test
    void a_lock_released_twice_is_granted_once() {
        KeyedLocks.Lock first = take(0, "a").join();
        CompletableFuture<KeyedLocks.Lock> second = take(1, "a");
        CompletableFuture<KeyedLocks.Lock> third = take(2, "a");

        first.release();
        first.release();

        assertTrue(second.isDone());
        assertFalse(third.isDone());
    }

    @Test
    void a_full_queue_refuses_and_releases_acquired_locks() {
        take(0, "b").join();
        IntStream.range(0, 16).forEach(n -> take(n, "b"));

        CompletableFuture<KeyedLocks.Lock> refused = take(20, "a", "b");

        CompletionException failure = assertThrows(CompletionException.class, refused::join);
        assertInstanceOf(KeyedLocks.QueueFullException.class, failure.getCause());
        assertTrue(take(21, "a").isDone(), "the first of the two records is free again");
    }

    @Test
    void record_keys_with_the_same_concatenated_parts_differ() {
        assertFalse(RecordKey.of("acme", "ab", "c").equals(RecordKey.of("acme", "a", "bc")));
        assertFalse(RecordKey.of("acme", "a", "").equals(RecordKey.of("acme", "a")));
    }
}
