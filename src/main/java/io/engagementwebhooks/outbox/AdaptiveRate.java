package io.engagementwebhooks.outbox;

/**
 * Learned request rate of a receiver that refuses even one request at a time. Each second with an overload response
 * lowers it by 30 %; accepted requests raise it, slowly at first. Only 429 lowers it below what the receiver accepted
 * lately: one that fails at any rate is not slowed to a standstill. Guarded by the lock of {@link WebhookQueues}.
 */
final class AdaptiveRate {

    private static final double MIN_RATE = 0.5;

    /** Above this rate there is no limit. */
    private static final double MAX_RATE = 2_000;

    private static final double DECREASE = 0.7;
    private static final double GROWTH = 1.03;
    private static final double FAST_GROWTH = 2;

    /** Growth is slow up to this factor of the last overload. */
    private static final double SLOW_GROWTH_UP_TO = 1.1;

    private static final int TOO_MANY_REQUESTS = 429;

    /** Tolerated share of overload responses other than 429, as a moving average. */
    private static final double MAX_OVERLOAD_SHARE = 0.15;

    private static final double WEIGHT = 0.1;
    private static final long SECOND_MS = 1_000;

    /** What remains after a second of the rate that the receiver is known to accept: half of it after a minute. */
    private static final double DECAY = Math.pow(0.5, 1 / 60.0);

    /** How much earlier a request may begin, to make up for a late one. */
    private static final long MAX_EARLY_MS = 20;

    private static final double UNLIMITED = Double.POSITIVE_INFINITY;

    private double perSecond = UNLIMITED;
    private double lastOverloadRate = UNLIMITED;
    private double overloadShare;
    private double nextAt;
    private long changedAt;
    private long decreasedAt;
    private long currentSecond;
    private int accepted;
    private int acceptedBefore;
    private double acceptedLately;

    boolean isSet() {
        return perSecond != UNLIMITED;
    }

    /** Requests per second; infinite: no limit. */
    double perSecond() {
        return perSecond;
    }

    /** The earliest start of a request; a time that is not after {@code now}: now. */
    long mayBeginAt(long now) {
        return !isSet() || isClockSetBack(now) ? now : (long) Math.ceil(nextAt - MAX_EARLY_MS);
    }

    /** Whether the clock was set back: no request waits longer than the lowest rate requires. */
    private boolean isClockSetBack(long now) {
        return nextAt - now > 2 * SECOND_MS / MIN_RATE;
    }

    void begin(long now) {
        if (isSet()) {
            nextAt = (isClockSetBack(now) ? now : Math.max(nextAt, now)) + SECOND_MS / perSecond;
        }
    }

    /** The receiver accepted a request. */
    void accepted(long now) {
        count(now);
        overloadShare *= 1 - WEIGHT;
        if (!isSet()) {
            return;
        }
        double seconds = Math.min(1, Math.max(0, (now - changedAt) / (double) SECOND_MS));
        perSecond *= Math.pow(
                perSecond < SLOW_GROWTH_UP_TO * lastOverloadRate && lastOverloadRate != UNLIMITED
                        ? GROWTH
                        : FAST_GROWTH,
                seconds);
        changedAt = now;
        if (perSecond > MAX_RATE) {
            perSecond = UNLIMITED;
            lastOverloadRate = UNLIMITED;
        }
    }

    private void count(long now) {
        long current = Math.floorDiv(now, SECOND_MS);
        if (current != currentSecond) {
            acceptedLately = Math.max(accepted, acceptedLately * Math.pow(DECAY, Math.abs(current - currentSecond)));
            acceptedBefore = current == currentSecond + 1 ? accepted : 0;
            accepted = 0;
            currentSecond = current;
        }
        accepted++;
    }

    /**
     * The receiver is overloaded.
     *
     * @param oneAtATime whether it had at most one request in flight
     */
    void overloaded(int status, boolean oneAtATime, long now) {
        overloadShare = (1 - WEIGHT) * overloadShare + WEIGHT;
        if (!isSet() && oneAtATime) {
            perSecond = Math.max(MIN_RATE, DECREASE * Math.max(accepted, acceptedBefore));
            nextAt = now + SECOND_MS / perSecond;
            changedAt = now;
            decreasedAt = now;
        } else if (isSet() && isOverloadedTooOften(status) && (now - decreasedAt >= SECOND_MS || now < decreasedAt)) {
            lastOverloadRate = perSecond;
            double known = status == TOO_MANY_REQUESTS ? 0 : acceptedLately;
            perSecond = Math.max(MIN_RATE, Math.min(perSecond, DECREASE * Math.max(perSecond, known)));
            changedAt = now;
            decreasedAt = now;
        }
    }

    private boolean isOverloadedTooOften(int status) {
        return status == TOO_MANY_REQUESTS || overloadShare > MAX_OVERLOAD_SHARE;
    }
}
