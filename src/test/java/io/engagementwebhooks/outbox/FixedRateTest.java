package io.engagementwebhooks.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.webhook.Batch;
import io.engagementwebhooks.webhook.RateLimit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/** When requests may begin, in any order of arrival. */
class FixedRateTest {

    private static final Batch ALONE = new Batch(1, Duration.ZERO);
    private static final int PATIENCE_MS = 60;

    private static FixedRate rate(String limit, Batch together) {
        return new FixedRate(RateLimit.of(limit).orElseThrow(), together);
    }

    /** A sender always has requests, but reads the clock rarely. */
    private static List<Long> begun(FixedRate rate, int count, int mostLate, long seed) {
        Random late = new Random(seed);
        List<Long> begun = new ArrayList<>();
        long now = 1_000_000;
        while (begun.size() < count) {
            now = Math.max(now, rate.mayBeginAt(now)) + (mostLate == 0 ? 0 : late.nextInt(mostLate));
            while (rate.mayBeginAt(now) <= now && begun.size() < count) {
                rate.begin(now);
                begun.add(now);
            }
        }
        return begun;
    }

    @Property
    void each_second_has_nearly_as_many_requests_as_the_limit_and_never_more(
            @ForAll @IntRange(min = 1, max = 300) int limit,
            @ForAll @IntRange(min = 0, max = PATIENCE_MS) int mostLate,
            @ForAll @LongRange long seed) {
        List<Long> begun = begun(rate(limit + "/s", ALONE), 5 * limit, mostLate, seed);
        for (int i = limit; i < begun.size(); i++) {
            assertTrue(begun.get(i) - begun.get(i - limit) > 1_000, "one too many after " + begun.get(i - limit));
        }
        long took = begun.get(begun.size() - 1) - begun.get(0);
        assertTrue(took <= 5_100 + 10L * mostLate, begun.size() + " took " + took + " ms");
    }

    private record Taken(long at, long beginsAt) {}

    /** As after a start, while connections are opened. */
    @Property
    void requests_that_begin_late_count_when_they_begin(
            @ForAll @IntRange(min = 1, max = 100) int limit,
            @ForAll @IntRange(min = 0, max = 900) int mostLate,
            @ForAll @LongRange long seed) {
        FixedRate rate = rate(limit + "/s", ALONE);
        Random late = new Random(seed);
        PriorityQueue<Taken> taken = new PriorityQueue<>(Comparator.comparingLong(Taken::beginsAt));
        List<Long> begun = new ArrayList<>();
        for (long now = 1_000_000; begun.size() < 5 * limit; now++) {
            while (!taken.isEmpty() && taken.peek().beginsAt() <= now) {
                rate.begun(taken.remove().at(), now);
                begun.add(now);
            }
            while (rate.mayBeginAt(now) <= now) {
                rate.begin(now);
                taken.add(new Taken(now, now + late.nextInt(mostLate + 1)));
            }
        }
        for (int i = limit; i < begun.size(); i++) {
            assertTrue(begun.get(i) - begun.get(i - limit) > 1_000, "one too many after " + begun.get(i - limit));
        }
        long took = begun.get(begun.size() - 1) - begun.get(0);
        assertTrue(took <= 5_200 + 5L * mostLate, begun.size() + " took " + took + " ms");
    }

    @Example
    void a_clock_set_back_after_a_late_request_delays_no_request() {
        FixedRate rate = rate("1/m", ALONE);
        rate.begin(0);
        long tomorrow = 24 * 3_600_000L;
        rate.begun(0, tomorrow);
        assertTrue(rate.mayBeginAt(70_000) <= 70_000);
    }

    @Example
    void a_clock_set_back_slightly_counts_no_request_twice() {
        FixedRate rate = rate("3/h", ALONE);
        rate.begin(4_990);
        rate.begin(5_000);
        rate.begun(5_000, 4_500);
        rate.begun(4_990, 4_600);
        assertTrue(rate.mayBeginAt(1_700_000_000) <= 1_700_000_000);
        rate.begin(1_700_000);
        assertTrue(rate.mayBeginAt(1_700_000) <= 3_700_000, "two in the last hour, and the third after that");
    }

    @Example
    void one_more_request_of_a_delivery_counts_too() {
        FixedRate rate = rate("2/s", ALONE);
        rate.begin(0);
        rate.begun(0, 10);
        rate.begun(DueCursor.NEVER, 20);
        assertEquals(1_011, rate.mayBeginAt(600));
    }

    @Example
    void requests_are_spread_evenly() {
        List<Long> begun = begun(rate("10/s", ALONE), 30, 0, 0);
        long first = begun.get(0);
        for (int i = 2; i < begun.size(); i++) {
            assertTrue(begun.get(i) - first >= 100L * (i - 1), "number " + i + " after " + (begun.get(i) - first));
        }
        assertTrue(begun(rate("300/m", ALONE), 31, 0, 0).get(30) - first >= 5_800);
    }

    @Example
    void a_batch_counts_as_one_request() {
        FixedRate rate = rate("1/m", new Batch(3, Duration.ofMillis(50)));
        rate.begin(0);
        assertEquals(20, rate.mayBeginAt(20));
        rate.begin(20);
        rate.begin(20);
        assertTrue(rate.mayBeginAt(20) > 50_000, "three are enough");
        FixedRate other = rate("1/m", new Batch(3, Duration.ofMillis(50)));
        other.begin(0);
        assertTrue(other.mayBeginAt(26) > 50_000, "it might miss the request");
    }

    @Example
    void a_clock_set_back_far_delays_no_request() {
        FixedRate rate = rate("1/h", ALONE);
        rate.begin(10_000_000_000L);
        assertTrue(rate.mayBeginAt(10_000_000_001L) > 10_000_000_001L);
        assertTrue(rate.mayBeginAt(9_000_000_000L) <= 9_000_000_000L);
    }

    @Example
    void a_clock_set_back_slightly_allows_no_early_request() {
        FixedRate rate = rate("1/h", ALONE);
        rate.begin(10_000_000_000L);
        assertTrue(rate.mayBeginAt(9_999_999_995L) > 10_003_600_000L);
    }
}
