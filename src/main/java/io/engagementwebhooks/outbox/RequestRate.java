package io.engagementwebhooks.outbox;

import io.engagementwebhooks.webhook.DeliveryMethod;
import io.engagementwebhooks.webhook.RateLimit;
import java.util.Arrays;

/**
 * When the next request to a webhook may begin that has a {@link RateLimit}: spread evenly, at most a tenth of a second ahead
 * of that, and never more than the limit in any span of its unit. Deliveries that go together in one request take one turn.
 * Guarded by the lock of {@link DueDeliveries}.
 */
final class RequestRate {

    /** So much may be made up for, where a turn came late. */
    private static final long AHEAD_MS = 100;

    private static final long LONG_AGO = Long.MIN_VALUE / 2;

    private final RateLimit limit;
    private final DeliveryMethod.Together together;
    private final long gatheringMs;
    private final double gapMs;

    /** When the last ones began, as many as the limit says, in a ring. */
    private final long[] begun;

    private int oldest;
    private double even = LONG_AGO;
    private long last = LONG_AGO;
    private int joined;

    RequestRate(RateLimit limit, DeliveryMethod.Together together) {
        this.limit = limit;
        this.together = together;
        // those that come later than half of it may miss the request
        this.gatheringMs = together.gathering().toMillis() / 2;
        this.gapMs = (double) limit.unit().duration().toMillis() / limit.requests();
        this.begun = new long[limit.requests()];
        Arrays.fill(begun, LONG_AGO);
    }

    boolean isOf(RateLimit other, DeliveryMethod.Together otherTogether) {
        return limit.equals(other) && together.equals(otherTogether);
    }

    /** How many requests may begin in a second. */
    double perSecond() {
        return 1_000 / gapMs;
    }

    /** How many deliveries may go in one request. */
    int together() {
        return together.most();
    }

    /** When a delivery may be taken; a time that is not after {@code now}: now. */
    long mayBeginAt(long now) {
        if (joins(now)) {
            return now;
        }
        if (now < last) {
            forget(); // the clock was set back
        }
        long evenly = (long) Math.ceil(even - AHEAD_MS);
        // the millisecond in which one begins is not over
        return Math.max(evenly, begun[oldest] + limit.unit().duration().toMillis() + 1);
    }

    private boolean joins(long now) {
        return joined > 0 && joined < together.most() && now >= last && now - last <= gatheringMs;
    }

    private void forget() {
        Arrays.fill(begun, LONG_AGO);
        even = LONG_AGO;
        last = LONG_AGO;
    }

    /** A delivery is taken. */
    void begin(long now) {
        if (joins(now)) {
            joined++;
            return;
        }
        joined = 1;
        last = now;
        begun[oldest] = now;
        oldest = (oldest + 1) % begun.length;
        even = Math.max(even, now) + gapMs;
    }
}
