package io.engagementwebhooks.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class AimdLimitTest {

    private final AimdLimit limit = new AimdLimit(256);

    /** A round of responses, as many as the limit. */
    private void round(long ms, boolean wasFull) {
        for (int i = limit.get(); i > 0; i--) {
            limit.ended();
            limit.grow(ms, wasFull);
        }
    }

    @Test
    void the_limit_doubles_per_round_while_the_response_time_is_steady() {
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
    void a_slower_receiver_gets_one_more_request_per_round() {
        round(200, true);
        assertEquals(32, limit.get());
        round(400, true);
        assertEquals(32, limit.get());
        round(400, true);
        assertTrue(limit.get() <= 34, "" + limit.get());
    }

    @Test
    void an_unreached_limit_grows_by_one_per_round() {
        round(10, false);
        round(10, false);
        assertTrue(limit.get() <= 18, "" + limit.get());
    }

    @Test
    void after_an_overload_the_limit_is_halved_and_grows_by_one_per_round() {
        round(10, true);
        limit.cut(32);
        assertEquals(16, limit.get());
        round(10, true);
        round(10, true);
        assertTrue(limit.get() <= 18, "" + limit.get());
    }
}
