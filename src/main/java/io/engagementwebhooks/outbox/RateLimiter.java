package io.engagementwebhooks.outbox;

import io.engagementwebhooks.webhook.RateLimit;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Computes the earliest start of the next request to a webhook. It combines the configured rate limit, the rate
 * that the receiver permits, and its learned rate. Times are in ms since 1970. Guarded by the lock of {@link WebhookQueues}.
 */
final class RateLimiter {

    private final AdaptiveRate adaptive = new AdaptiveRate();

    private RequestLimit configured = RequestLimit.NONE;
    private RateLimit permitted;

    /** The lower one of the configured and the permitted rate; null: there is none. */
    private FixedRate fixed;

    void configure(RequestLimit limit) {
        configured = limit;
        apply();
    }

    /** Sets the rate that the receiver permits. @param rate null: any. @return whether it changed */
    boolean permit(RateLimit rate) {
        boolean isChanged = !Objects.equals(permitted, rate);
        permitted = rate;
        apply();
        return isChanged;
    }

    private void apply() {
        RateLimit lower = Stream.of(Optional.ofNullable(configured.rate()), Optional.ofNullable(permitted))
                .flatMap(Optional::stream)
                .min(Comparator.comparingDouble(RateLimit::perSecond))
                .orElse(null);
        if (lower == null) {
            fixed = null;
        } else if (fixed == null || !fixed.hasLimit(lower)) {
            fixed = new FixedRate(lower, configured.together());
        } else {
            fixed.together(configured.together());
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
