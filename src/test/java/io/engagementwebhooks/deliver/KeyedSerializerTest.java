package io.engagementwebhooks.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.RecordKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Semantics 20: one at a time, in the order of events. */
class KeyedSerializerTest {

    private static final RecordKey TASK = RecordKey.of("acme", "salesforce", "Task", 7);
    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

    private final KeyedSerializer turns = new KeyedSerializer();
    private final List<String> went = new ArrayList<>();

    private boolean comes(RecordKey record, int second, String delivery) {
        return turns.take(List.of(record), NOON.plusSeconds(second), delivery, () -> went.add(delivery));
    }

    @Test
    void the_first_has_its_turn_and_others_wait_in_the_order_of_their_events() {
        assertTrue(comes(TASK, 5, "first"));
        assertFalse(comes(TASK, 9, "last"));
        assertFalse(comes(TASK, 6, "next"));
        assertFalse(comes(TASK, 6, "a-then"));
        assertEquals(List.of(), went);

        turns.end(List.of(TASK));
        assertEquals(List.of("a-then"), went);
        turns.end(List.of(TASK));
        turns.end(List.of(TASK));
        assertEquals(List.of("a-then", "next", "last"), went);
    }

    @Test
    void other_records_are_not_waited_for() {
        assertTrue(comes(TASK, 0, "one"));
        assertTrue(comes(RecordKey.of("acme", "salesforce", "Task", 8), 0, "two"));
        assertTrue(comes(RecordKey.of("other", "salesforce", "Task", 7), 0, "three"));
    }

    @Test
    void a_record_that_no_one_writes_to_is_forgotten() {
        comes(TASK, 0, "one");
        comes(TASK, 1, "two");
        turns.end(List.of(TASK));
        turns.end(List.of(TASK));

        assertEquals(0, turns.busy());
        assertTrue(comes(TASK, 2, "three"));
    }

    @Test
    void a_delivery_to_several_records_has_its_turn_when_it_has_all_of_them() {
        RecordKey lead = RecordKey.of("acme", "salesforce", "Lead", 1);
        assertTrue(comes(TASK, 0, "task"));
        assertTrue(comes(lead, 0, "lead"));
        assertFalse(turns.take(List.of(lead, TASK), NOON.plusSeconds(1), "both", () -> went.add("both")));

        turns.end(List.of(lead));
        assertEquals(List.of(), went);
        turns.end(List.of(TASK));
        assertEquals(List.of("both"), went);

        assertFalse(comes(lead, 2, "lead again"));
        turns.end(List.of(TASK, lead));
        assertEquals(List.of("both", "lead again"), went);
        turns.end(List.of(lead));
        assertEquals(0, turns.busy());
    }

    @Test
    void deliveries_that_name_their_records_in_different_orders_never_wait_for_each_other() {
        RecordKey lead = RecordKey.of("acme", "salesforce", "Lead", 1);
        assertTrue(turns.take(List.of(TASK, lead), NOON, "one", () -> {}));
        assertFalse(turns.take(List.of(lead, TASK), NOON.plusSeconds(2), "two", () -> went.add("two")));
        assertFalse(turns.take(List.of(TASK, lead), NOON.plusSeconds(1), "three", () -> went.add("three")));

        turns.end(List.of(lead, TASK));
        assertEquals(List.of("three"), went);
        turns.end(List.of(lead, TASK));
        assertEquals(List.of("three", "two"), went);
        turns.end(List.of(lead, TASK));
        assertEquals(0, turns.busy());
    }

    @Test
    void records_whose_parts_only_look_alike_are_two() {
        assertFalse(RecordKey.of("acme", "ab", "c").equals(RecordKey.of("acme", "a", "bc")));
        assertFalse(RecordKey.of("acme", "a", "").equals(RecordKey.of("acme", "a")));
    }
}
