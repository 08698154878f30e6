package io.engagementwebhooks.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class AimdLimitTest {

    private final AimdLimit limit = new AimdLimit(256);

    /** As many answers as requests may be in flight. */
    private void round(long ms, boolean wasFull) {
        for (int i = limit.get(); i > 0; i--) {
            limit.ended();
            limit.grow(ms, wasFull);
        }
    }

    @Test
    void it_doubles_with_each_round_up_to_the_largest_while_the_receiver_takes_as_long_as_ever() {
        assertEquals(16, limit.get());
        round(10_000, true);
        assertEquals(32, limit.get());
        round(10_000, true);
        round(10_000, true);
        assertEquals(128, limit.get());
        round(10_000, true);
        round(10_000, true);
        assertEquals(256, limit.get());
    }

    @Test
    void a_receiver_that_takes_longer_for_more_requests_gets_one_more_a_round() {
        round(200, true);
        assertEquals(32, limit.get());
        round(400, true);
        assertEquals(32, limit.get());
        round(400, true);
        assertTrue(limit.get() <= 34, "" + limit.get());
    }

    @Test
    void a_limit_that_is_not_reached_grows_by_one_a_round() {
        round(10, false);
        round(10, false);
        assertTrue(limit.get() <= 18, "" + limit.get());
    }

    @Test
    void after_an_overload_it_is_half_and_grows_by_one_a_round() {
        round(10, true);
        limit.cut(32);
        assertEquals(16, limit.get());
        round(10, true);
        round(10, true);
        assertTrue(limit.get() <= 18, "" + limit.get());
    }

    @Test
    void it_is_cut_once_a_round_and_never_below_one() {
        limit.cut(2);
        limit.cut(2);
        assertEquals(8, limit.get());
        for (int i = 0; i < 100; i++) {
            limit.ended();
            limit.cut(0);
        }
        assertEquals(1, limit.get());
    }

    @Test
    void who_was_paused_begins_as_a_new_one() {
        round(10, true);
        limit.restart();
        assertEquals(16, limit.get());
    }
}
