package io.engagementwebhooks.outbox;

/**
 * Computes the earliest start of the next request to a webhook. It combines the configured rate limit and the learned
 * rate of the receiver. Times are in ms since 1970. Guarded by the lock of {@link WebhookQueues}.
 */
final class RateLimiter {

    private final AdaptiveRate adaptive = new AdaptiveRate();

    /** Null: no rate is configured. */
    private FixedRate fixed;

    void configure(RequestLimit limit) {
        if (limit.rate() == null) {
            fixed = null;
        } else if (fixed == null || !fixed.hasLimit(limit.rate())) {
            fixed = new FixedRate(limit.rate(), limit.together());
        } else {
            fixed.together(limit.together());
        }
    }

    /** The earliest start of a request; a time that is not after {@code now}: now. */
    long mayBeginAt(long now) {
        long learnedAt = adaptive.mayBeginAt(now);
        return fixed == null ? learnedAt : Math.max(learnedAt, fixed.mayBeginAt(now));
    }

    /** Whether the learned rate delays a request longer than the configured limit. */
    boolean isLimitedByReceiver(long now) {
        return adaptive.mayBeginAt(now) > (fixed == null ? now : fixed.mayBeginAt(now));
    }

    void begin(long now) {
        adaptive.begin(now);
        if (fixed != null) {
            fixed.begin(now);
        }
    }

    /** See {@link FixedRate#begun}. */
    void begun(long takenAt, long now) {
        if (fixed != null) {
            fixed.begun(takenAt, now);
        }
    }

    /** Deliveries that may begin in a number of seconds, at least one request; infinite: no limit. */
    double deliveriesIn(int seconds) {
        double perSecond = fixed == null ? adaptive.perSecond() : Math.min(adaptive.perSecond(), fixed.perSecond());
        return Math.ceil(seconds * perSecond) * (fixed == null ? 1 : fixed.together());
    }

    /** Whether the rate, not the concurrency limit, bounds the requests in flight. */
    boolean limitsInFlight() {
        return adaptive.isSet() || fixed != null && fixed.together() == 1;
    }

    /** The receiver accepted a request. */
    void accepted(long now) {
        adaptive.accepted(now);
    }

    /** The receiver was overloaded. @param oneAtATime whether it had at most one request in flight */
    void overloaded(int status, boolean oneAtATime, long now) {
        adaptive.overloaded(status, oneAtATime, now);
    }
}
