package io.engagementwebhooks.store.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GroupCommitDelayTest {

    private static final Duration LONGEST = Duration.ofMillis(5);

    private final GroupCommitDelay delay = new GroupCommitDelay(LONGEST, 0);

    private static long ms(double ms) {
        return (long) (ms * TimeUnit.MILLISECONDS.toNanos(1));
    }

    /** Reports urgent writes one after another. @return the time of the last one */
    private long came(int many, double distance) {
        for (int i = 1; i <= many; i++) {
            delay.recordUrgent(1, ms(i * distance));
        }
        return ms(many * distance);
    }

    @Test
    void without_urgent_writes_there_is_no_delay() {
        assertEquals(0, delay.remaining(1, ms(1), ms(1)));
    }

    @Test
    void frequent_urgent_writes_are_awaited_up_to_the_limit_from_the_first_write() {
        long last = came(30, 3);

        assertEquals(ms(5), delay.remaining(1, last + ms(1), last + ms(1)));
        assertEquals(ms(2), delay.remaining(2, last + ms(1), last + ms(4)));
        assertTrue(delay.remaining(2, last + ms(1), last + ms(6)) <= 0);
    }

    @Test
    void urgent_writes_of_a_group_count_one_by_one() {
        for (int i = 1; i <= 30; i++) {
            delay.recordUrgent(4, ms(i * 12));
        }

        assertEquals(ms(5), delay.remaining(1, ms(361), ms(361)));
    }

    @Test
    void rare_urgent_writes_are_not_awaited() {
        long last = came(30, 8);

        assertEquals(0, delay.remaining(1, last + ms(1), last + ms(1)));
    }

    @Test
    void urgent_writes_that_have_stopped_are_not_awaited() {
        long last = came(30, 3);

        assertEquals(0, delay.remaining(1, last + ms(21), last + ms(21)));
    }

    @Test
    void a_single_gap_has_a_short_effect() {
        long last = came(30, 1);
        delay.recordUrgent(1, last + ms(60_000));
        assertEquals(ms(5), delay.remaining(1, last + ms(60_001), last + ms(60_001)));
    }

    @Test
    void a_full_group_is_not_delayed() {
        long last = came(30, 3);

        assertEquals(ms(5), delay.remaining(15, last, last));
        assertEquals(0, delay.remaining(16, last, last));
    }
}
