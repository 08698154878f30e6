package io.engagementwebhooks.outbox;

import io.engagementwebhooks.webhook.Batch;
import io.engagementwebhooks.webhook.RateLimit;

/**
 * The configured {@link RateLimit} of a webhook. Requests are spread evenly, at most a tenth of a second early. The
 * first requests of deliveries never exceed the limit in any span of its unit, unless one begins more than a unit after
 * its delivery was taken. A batch of deliveries counts as one request. Guarded by the lock of {@link WebhookQueues}.
 */
final class FixedRate {

    /** How much earlier a request may begin, to make up for a late one. */
    private static final long MAX_EARLY_MS = 100;

    /** After a larger step back of the clock the history is dropped; a smaller one is waited for. */
    private static final long MAX_CLOCK_STEP_MS = 1_000;

    private static final int INITIAL_CAPACITY = 8;
    private static final long NEVER = Long.MIN_VALUE / 2;

    private final RateLimit limit;
    private final long unitMs;
    private final double intervalMs;
    private Batch together;
    private long joinMs;

    /**
     * Start times of the requests of the last unit, in a ring that grows up to the limit. The start of a request that has
     * not begun is when its delivery was taken.
     */
    private long[] begun;

    private int oldest;
    private int size;
    private double nextEvenAt = NEVER;
    private long lastAt = NEVER;
    private int batched;

    FixedRate(RateLimit limit, Batch together) {
        this.limit = limit;
        together(together);
        this.unitMs = limit.unit().duration().toMillis();
        this.intervalMs = (double) unitMs / limit.requests();
        this.begun = new long[Math.min(INITIAL_CAPACITY, limit.requests())];
    }

    boolean hasLimit(RateLimit other) {
        return limit.equals(other);
    }

    /** Sets which deliveries share a request. */
    void together(Batch changed) {
        together = changed;
        // later than half of it, a delivery may miss the request
        joinMs = changed.gathering().toMillis() / 2;
    }

    /** Requests per second. */
    double perSecond() {
        return 1_000 / intervalMs;
    }

    /** Deliveries per request. */
    int together() {
        return together.size();
    }

    /** The earliest time to take a delivery; a time that is not after {@code now}: now. */
    long mayBeginAt(long now) {
        if (joinsBatch(now)) {
            return now;
        }
        if (lastAt - now > MAX_CLOCK_STEP_MS) {
            clear();
        }
        long evenly = Math.max(lastAt, (long) Math.ceil(nextEvenAt - MAX_EARLY_MS));
        // plus one: the millisecond in which the oldest one began counts
        return size < limit.requests() ? evenly : Math.max(evenly, begun[oldest] + unitMs + 1);
    }

    private boolean joinsBatch(long now) {
        return batched > 0 && batched < together.size() && now >= lastAt && now - lastAt <= joinMs;
    }

    private void clear() {
        size = 0;
        nextEvenAt = NEVER;
        lastAt = NEVER;
    }

    /** Records a taken delivery. */
    void begin(long now) {
        if (joinsBatch(now)) {
            batched++;
            return;
        }
        batched = 1;
        lastAt = now;
        add(now);
        nextEvenAt = Math.max(nextEvenAt, now) + intervalMs;
    }

    /**
     * A request begins, and counts from now instead of from when its delivery was taken.
     *
     * @param takenAt when that was; {@link DueCursor#NEVER}: it is one more request of the delivery
     */
    void begun(long takenAt, long now) {
        lastAt = Math.max(lastAt, now);
        int i = size - 1;
        while (i >= 0 && at(i) != takenAt) {
            i--;
        }
        if (i < 0) {
            add(now);
            return;
        }
        for (; i < size - 1; i++) {
            set(i, at(i + 1));
        }
        set(i, now);
    }

    private long at(int i) {
        return begun[(oldest + i) % begun.length];
    }

    private void set(int i, long time) {
        begun[(oldest + i) % begun.length] = time;
    }

    private void add(long now) {
        removeBefore(now - unitMs);
        if (size == begun.length) {
            grow();
        }
        set(size++, now);
    }

    private void removeBefore(long time) {
        while (size > 0 && (begun[oldest] < time || size == limit.requests())) {
            oldest = (oldest + 1) % begun.length;
            size--;
        }
    }

    private void grow() {
        long[] grown = new long[Math.min(2 * begun.length, limit.requests())];
        for (int i = 0; i < size; i++) {
            grown[i] = at(i);
        }
        begun = grown;
        oldest = 0;
    }
}
