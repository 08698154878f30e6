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

    /** Many that cannot wait, one by one. @return when the last came */
    private long came(int many, double distance) {
        for (int i = 1; i <= many; i++) {
            delay.arrived(1, ms(i * distance));
        }
        return ms(many * distance);
    }

    @Test
    void nothing_is_waited_for_before_anything_came() {
        assertEquals(0, delay.remaining(1, ms(1), ms(1)));
    }

    @Test
    void what_comes_often_is_waited_for_and_no_longer_than_the_limit_from_the_first_on() {
        long last = came(30, 3);

        assertEquals(ms(5), delay.remaining(1, last + ms(1), last + ms(1)));
        assertEquals(ms(2), delay.remaining(2, last + ms(1), last + ms(4)));
        assertTrue(delay.remaining(2, last + ms(1), last + ms(6)) <= 0);
    }

    @Test
    void what_comes_in_groups_counts_one_by_one() {
        for (int i = 1; i <= 30; i++) {
            delay.arrived(4, ms(i * 12));
        }

        assertEquals(ms(5), delay.remaining(1, ms(361), ms(361)));
    }

    @Test
    void what_comes_seldom_is_not_waited_for() {
        long last = came(30, 8);

        assertEquals(0, delay.remaining(1, last + ms(1), last + ms(1)));
    }

    @Test
    void what_has_ceased_to_come_is_not_waited_for() {
        long last = came(30, 3);

        assertEquals(0, delay.remaining(1, last + ms(21), last + ms(21)));
    }

    @Test
    void one_silence_is_soon_forgotten() {
        long last = came(30, 1);
        delay.arrived(1, last + ms(60_000));
        assertEquals(ms(5), delay.remaining(1, last + ms(60_001), last + ms(60_001)));
    }

    @Test
    void many_that_can_wait_are_delay_enough() {
        long last = came(30, 3);

        assertEquals(ms(5), delay.remaining(15, last, last));
        assertEquals(0, delay.remaining(16, last, last));
    }
}
