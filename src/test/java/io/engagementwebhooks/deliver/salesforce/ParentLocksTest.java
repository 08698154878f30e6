package io.engagementwebhooks.deliver.salesforce;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Calls that lock the same record are made one at a time, in the order of their events. */
class ParentLocksTest {

    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

    private final ParentLocks locks = new ParentLocks();

    private CompletableFuture<ParentLocks.ParentLock> take(int minute, String... records) {
        return locks.acquire(List.of(records), NOON.plusSeconds(60L * minute));
    }

    @Test
    void the_call_with_the_oldest_event_is_next() {
        ParentLocks.ParentLock running = take(5, "a").join();
        List<String> order = new ArrayList<>();
        for (int minute : new int[] {9, 3, 7}) {
            take(minute, "a").thenAccept(lock -> {
                order.add("" + minute);
                lock.release();
            });
        }
        assertEquals(List.of(), order);

        running.release();

        assertEquals(List.of("3", "7", "9"), order);
        assertEquals(0, locks.size());
    }

    @Test
    void other_records_do_not_wait() {
        take(0, "a").join();

        assertTrue(take(0, "b", "c").isDone());
        assertFalse(take(0, "c", "d").isDone());
    }

    @Test
    void two_calls_to_the_same_records_do_not_deadlock() {
        ParentLocks.ParentLock first = take(0, "a", "b").join();
        CompletableFuture<ParentLocks.ParentLock> second = take(1, "b", "a");
        CompletableFuture<ParentLocks.ParentLock> third = take(2, "b");

        first.release();
        second.join().release();
        third.join().release();

        assertEquals(0, locks.size());
    }

    @Test
    void a_lock_released_twice_is_granted_once() {
        ParentLocks.ParentLock first = take(0, "a").join();
        CompletableFuture<ParentLocks.ParentLock> second = take(1, "a");
        CompletableFuture<ParentLocks.ParentLock> third = take(2, "a");

        first.release();
        first.release();

        assertTrue(second.isDone());
        assertFalse(third.isDone());
    }

    @Test
    void a_full_queue_refuses_and_releases_acquired_locks() {
        take(0, "b").join();
        IntStream.range(0, 16).forEach(n -> take(n, "b"));

        CompletableFuture<ParentLocks.ParentLock> refused = take(20, "a", "b");

        CompletionException failure = assertThrows(CompletionException.class, refused::join);
        assertInstanceOf(ParentLocks.QueueFullException.class, failure.getCause());
        assertTrue(take(21, "a").isDone(), "the first of the two records is free again");
    }
}
