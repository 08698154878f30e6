package io.engagementwebhooks.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.RecordKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Semantics 20: deliveries for one record are sent one at a time, in the order of their events. */
class KeyedSerializerTest {

    private static final RecordKey TASK = RecordKey.of("acme", "salesforce", "Task", 7);
    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

    private final KeyedSerializer locks = new KeyedSerializer();
    private final List<String> went = new ArrayList<>();

    private boolean comes(RecordKey record, int second, String delivery) {
        return locks.acquire(List.of(record), NOON.plusSeconds(second), delivery, () -> went.add(delivery));
    }

    @Test
    void the_first_delivery_gets_the_lock_and_others_wait_in_the_order_of_their_events() {
        assertTrue(comes(TASK, 5, "first"));
        assertFalse(comes(TASK, 9, "last"));
        assertFalse(comes(TASK, 6, "next"));
        assertFalse(comes(TASK, 6, "a-then"));
        assertEquals(List.of(), went);

        locks.release(List.of(TASK));
        assertEquals(List.of("a-then"), went);
        locks.release(List.of(TASK));
        locks.release(List.of(TASK));
        assertEquals(List.of("a-then", "next", "last"), went);
    }

    @Test
    void deliveries_to_other_records_do_not_wait() {
        assertTrue(comes(TASK, 0, "one"));
        assertTrue(comes(RecordKey.of("acme", "salesforce", "Task", 8), 0, "two"));
        assertTrue(comes(RecordKey.of("other", "salesforce", "Task", 7), 0, "three"));
    }

    @Test
    void a_released_record_takes_no_memory() {
        comes(TASK, 0, "one");
        comes(TASK, 1, "two");
        locks.release(List.of(TASK));
        locks.release(List.of(TASK));

        assertEquals(0, locks.locked());
        assertTrue(comes(TASK, 2, "three"));
    }

    @Test
    void a_delivery_to_several_records_runs_once_it_holds_all_locks() {
        RecordKey lead = RecordKey.of("acme", "salesforce", "Lead", 1);
        assertTrue(comes(TASK, 0, "task"));
        assertTrue(comes(lead, 0, "lead"));
        assertFalse(locks.acquire(List.of(lead, TASK), NOON.plusSeconds(1), "both", () -> went.add("both")));

        locks.release(List.of(lead));
        assertEquals(List.of(), went);
        locks.release(List.of(TASK));
        assertEquals(List.of("both"), went);

        assertFalse(comes(lead, 2, "lead again"));
        locks.release(List.of(TASK, lead));
        assertEquals(List.of("both", "lead again"), went);
        locks.release(List.of(lead));
        assertEquals(0, locks.locked());
    }

    @Test
    void locks_requested_in_different_orders_do_not_deadlock() {
        RecordKey lead = RecordKey.of("acme", "salesforce", "Lead", 1);
        assertTrue(locks.acquire(List.of(TASK, lead), NOON, "one", () -> {}));
        assertFalse(locks.acquire(List.of(lead, TASK), NOON.plusSeconds(2), "two", () -> went.add("two")));
        assertFalse(locks.acquire(List.of(TASK, lead), NOON.plusSeconds(1), "three", () -> went.add("three")));

        locks.release(List.of(lead, TASK));
        assertEquals(List.of("three"), went);
        locks.release(List.of(lead, TASK));
        assertEquals(List.of("three", "two"), went);
        locks.release(List.of(lead, TASK));
        assertEquals(0, locks.locked());
    }

    @Test
    void record_keys_with_the_same_concatenated_parts_differ() {
        assertFalse(RecordKey.of("acme", "ab", "c").equals(RecordKey.of("acme", "a", "bc")));
        assertFalse(RecordKey.of("acme", "a", "").equals(RecordKey.of("acme", "a")));
    }
}
