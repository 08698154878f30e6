package io.engagementwebhooks.api.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.accept.EventStore.EventRow;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The events that a listener gets (semantics 49). Instances commit in another order than they give keys. */
class PositionTest {

    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

    /** Committed rows of one account. */
    private final TreeMap<Long, EventRow> rows = new TreeMap<>();

    private void commit(long key, Instant at) {
        rows.put(key, new EventRow(key, "id-" + key, "/t", "call.ended", null, null, at, 0, true));
    }

    private List<EventRow> newest(int limit) {
        return rows.descendingMap().values().stream().limit(limit).toList();
    }

    private List<Long> next(Position position, Instant now) {
        List<EventRow> found = position.unread(this::newest, now);
        found.forEach(position::passed);
        return found.stream().map(EventRow::key).toList();
    }

    @Test
    void only_events_accepted_from_now_on_are_new() {
        commit(7, NOON);
        Position position = Position.latest(this::newest);
        assertEquals(List.of(), next(position, NOON));
        commit(8, NOON);
        commit(9, NOON);
        assertEquals(List.of(8L, 9L), next(position, NOON));
        assertEquals(List.of(), next(position, NOON));
        assertEquals(9, position.last());
    }

    @Test
    void an_event_with_a_smaller_key_that_is_committed_later_is_read_once() {
        Position position = Position.latest(this::newest);
        commit(2, NOON);
        assertEquals(List.of(2L), next(position, NOON));
        commit(1, NOON);
        assertEquals(List.of(1L), next(position, NOON.plusSeconds(1)));
        assertEquals(List.of(), next(position, NOON.plusSeconds(2)));
        assertEquals(2, position.last());
        assertEquals(List.of(), next(position, NOON.plusSeconds(60)));
        assertEquals(2, position.last());
    }

    @Test
    void of_more_than_200_at_once_the_oldest_are_left_out_and_it_is_said() {
        Position position = Position.latest(this::newest);
        LongStream.rangeClosed(1, 201).forEach(key -> commit(key, NOON));
        assertEquals(LongStream.rangeClosed(2, 201).boxed().toList(), next(position, NOON));
        assertTrue(position.hasLeftOut());
        commit(202, NOON);
        assertEquals(List.of(202L), next(position, NOON));
        assertFalse(position.hasLeftOut());
    }
}
