package io.engagementwebhooks.outbox;

/**
 * Earliest time of the next request to a webhook, by its configured rate limit and the learned rate of its receiver.
 * Times are in ms since 1970. Guarded by the lock of {@link WebhookQueues}.
 */
final class RateLimiter {

    private final AdaptiveRate adaptive = new AdaptiveRate();

    /** Null: no rate is configured. */
    private FixedRate fixed;

    void configure(RequestLimit limit) {
        if (limit.rate() == null) {
            fixed = null;
        } else if (fixed == null || !fixed.isOf(limit.rate())) {
            fixed = new FixedRate(limit.rate(), limit.together());
        } else {
            fixed.together(limit.together());
        }
    }

    /** A time that is not after {@code now}: now. */
    long mayBeginAt(long now) {
        long adapted = adaptive.mayBeginAt(now);
        return fixed == null ? adapted : Math.max(adapted, fixed.mayBeginAt(now));
    }

    /** Whether the learned rate delays it longer than the configured limit. */
    boolean isLimitedByReceiver(long now) {
        return adaptive.mayBeginAt(now) > (fixed == null ? now : fixed.mayBeginAt(now));
    }

    void begin(long now) {
        adaptive.begin(now);
        if (fixed != null) {
            fixed.begin(now);
        }
    }

    /** How many deliveries may begin in a number of seconds, at least one request; infinite: no limit. */
    double deliveriesIn(int seconds) {
        double perSecond = fixed == null ? adaptive.perSecond() : Math.min(adaptive.perSecond(), fixed.perSecond());
        return Math.ceil(seconds * perSecond) * (fixed == null ? 1 : fixed.together());
    }

    /** Whether the rate limits the number in flight, so that a higher cap is meaningless; a batch fills it at once. */
    boolean keepsPlacesEmpty() {
        return adaptive.isSet() || fixed != null && fixed.together() == 1;
    }

    /** The receiver took a request. */
    void taken(long now) {
        adaptive.taken(now);
    }

    /** The receiver was overloaded. @param oneAtATime whether it had no more than one request at a time */
    void refused(int status, boolean oneAtATime, long now) {
        adaptive.refused(status, oneAtATime, now);
    }
}
