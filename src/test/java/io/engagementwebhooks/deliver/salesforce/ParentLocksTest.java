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

/** Calls that would lock the same record are made one at a time, in the order of their events. */
class ParentLocksTest {

    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

    private final ParentLocks turns = new ParentLocks();

    private CompletableFuture<ParentLocks.ParentLock> take(int minute, String... records) {
        return turns.take(List.of(records), NOON.plusSeconds(60L * minute));
    }

    @Test
    void the_one_whose_event_happened_first_is_next() {
        ParentLocks.ParentLock running = take(5, "a").join();
        List<String> order = new ArrayList<>();
        for (int minute : new int[] {9, 3, 7}) {
            take(minute, "a").thenAccept(turn -> {
                order.add("" + minute);
                turn.end();
            });
        }
        assertEquals(List.of(), order);

        running.end();

        assertEquals(List.of("3", "7", "9"), order);
        assertEquals(0, turns.size());
    }

    @Test
    void other_records_do_not_wait() {
        take(0, "a").join();

        assertTrue(take(0, "b", "c").isDone());
        assertFalse(take(0, "c", "d").isDone());
    }

    @Test
    void two_that_want_the_same_records_never_wait_for_each_other() {
        ParentLocks.ParentLock first = take(0, "a", "b").join();
        CompletableFuture<ParentLocks.ParentLock> second = take(1, "b", "a");
        CompletableFuture<ParentLocks.ParentLock> third = take(2, "b");

        first.end();
        second.join().end();
        third.join().end();

        assertEquals(0, turns.size());
    }

    @Test
    void a_turn_that_is_given_back_twice_lets_one_in() {
        ParentLocks.ParentLock first = take(0, "a").join();
        CompletableFuture<ParentLocks.ParentLock> second = take(1, "a");
        CompletableFuture<ParentLocks.ParentLock> third = take(2, "a");

        first.end();
        first.end();

        assertTrue(second.isDone());
        assertFalse(third.isDone());
    }

    @Test
    void a_long_line_is_refused_and_gives_back_what_was_taken() {
        take(0, "b").join();
        IntStream.range(0, 16).forEach(n -> take(n, "b"));

        CompletableFuture<ParentLocks.ParentLock> refused = take(20, "a", "b");

        CompletionException failure = assertThrows(CompletionException.class, refused::join);
        assertInstanceOf(ParentLocks.LongLine.class, failure.getCause());
        assertTrue(take(21, "a").isDone(), "the first of the two records is free again");
    }
}
