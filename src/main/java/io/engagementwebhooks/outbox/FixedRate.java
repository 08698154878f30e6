package io.engagementwebhooks.outbox;

import io.engagementwebhooks.webhook.DeliveryMethod;
import io.engagementwebhooks.webhook.RateLimit;

/**
 * The configured {@link RateLimit} of a webhook. Requests are spread evenly, at most a tenth of a second early, and
 * never exceed the limit in any span of its unit. A batch of deliveries counts as one request. Guarded by the lock of
 * {@link WebhookQueues}.
 */
final class FixedRate {

    /** How much earlier a request may begin, to make up for a late one. */
    private static final long AHEAD_MS = 100;

    /** After a larger step back of the clock the history is dropped; a smaller one is waited for. */
    private static final long LARGEST_STEP_MS = 1_000;

    private static final int FEW = 8;
    private static final long LONG_AGO = Long.MIN_VALUE / 2;

    private final RateLimit limit;
    private final long unitMs;
    private final double gapMs;
    private DeliveryMethod.Together together;
    private long gatheringMs;

    /** Start times of the requests of the last unit, in a ring that grows up to the limit. */
    private long[] begun;

    private int oldest;
    private int known;
    private double even = LONG_AGO;
    private long last = LONG_AGO;
    private int joined;

    FixedRate(RateLimit limit, DeliveryMethod.Together together) {
        this.limit = limit;
        together(together);
        this.unitMs = limit.unit().duration().toMillis();
        this.gapMs = (double) unitMs / limit.requests();
        this.begun = new long[Math.min(FEW, limit.requests())];
    }

    boolean isOf(RateLimit other) {
        return limit.equals(other);
    }

    /** Sets which deliveries share a request. */
    void together(DeliveryMethod.Together changed) {
        together = changed;
        // later than half of it, a delivery may miss the request
        gatheringMs = changed.gathering().toMillis() / 2;
    }

    /** Requests per second. */
    double perSecond() {
        return 1_000 / gapMs;
    }

    /** Deliveries per request. */
    int together() {
        return together.most();
    }

    /** The earliest time to take a delivery; a time that is not after {@code now}: now. */
    long mayBeginAt(long now) {
        if (joins(now)) {
            return now;
        }
        if (last - now > LARGEST_STEP_MS) {
            forget();
        }
        long evenly = Math.max(last, (long) Math.ceil(even - AHEAD_MS));
        // plus one: the millisecond in which the oldest one began counts
        return known < limit.requests() ? evenly : Math.max(evenly, begun[oldest] + unitMs + 1);
    }

    private boolean joins(long now) {
        return joined > 0 && joined < together.most() && now >= last && now - last <= gatheringMs;
    }

    private void forget() {
        known = 0;
        even = LONG_AGO;
        last = LONG_AGO;
    }

    /** Records a taken delivery. */
    void begin(long now) {
        if (joins(now)) {
            joined++;
            return;
        }
        joined = 1;
        last = now;
        forgetBefore(now - unitMs);
        if (known == begun.length) {
            grow();
        }
        begun[(oldest + known) % begun.length] = now;
        known++;
        even = Math.max(even, now) + gapMs;
    }

    private void forgetBefore(long time) {
        while (known > 0 && (begun[oldest] < time || known == limit.requests())) {
            oldest = (oldest + 1) % begun.length;
            known--;
        }
    }

    private void grow() {
        long[] grown = new long[Math.min(2 * begun.length, limit.requests())];
        for (int i = 0; i < known; i++) {
            grown[i] = begun[(oldest + i) % begun.length];
        }
        begun = grown;
        oldest = 0;
    }
}
