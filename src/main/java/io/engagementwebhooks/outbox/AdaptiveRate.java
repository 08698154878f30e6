package io.engagementwebhooks.outbox;

/**
 * Learned request rate of a receiver that refuses even one request at a time. Each second with an overload response
 * lowers it by 30 %; accepted requests raise it, slowly at first. Guarded by the lock of {@link WebhookQueues}.
 */
final class AdaptiveRate {

    private static final double SLOWEST = 0.5;

    /** Above this rate there is no limit. */
    private static final double FASTEST = 2_000;

    private static final double BACK = 0.7;
    private static final double GROWTH = 1.03;
    private static final double FAST_GROWTH = 2;

    /** Growth is slow up to this factor of the last overload. */
    private static final double NEAR = 1.1;

    private static final int TOO_MANY_REQUESTS = 429;

    /** Tolerated share of overload responses other than 429, as a moving average. */
    private static final double TOLERATED = 0.15;

    private static final double WEIGHT = 0.1;
    private static final long SECOND_MS = 1_000;

    /** How much earlier a request may begin, to make up for a late one. */
    private static final long AHEAD_MS = 20;

    private static final double NONE = Double.POSITIVE_INFINITY;

    private double perSecond = NONE;
    private double tooMuch = NONE;
    private double refusedShare;
    private double next;
    private long changed;
    private long shrunk;
    private long second;
    private int taken;
    private int takenBefore;

    boolean isSet() {
        return perSecond != NONE;
    }

    /** Requests per second; infinite: no limit. */
    double perSecond() {
        return perSecond;
    }

    /** The earliest start of a request; a time that is not after {@code now}: now. */
    long mayBeginAt(long now) {
        return !isSet() || isSetBack(now) ? now : (long) Math.ceil(next - AHEAD_MS);
    }

    /** Whether the clock was set back: no request waits longer than the lowest rate requires. */
    private boolean isSetBack(long now) {
        return next - now > 2 * SECOND_MS / SLOWEST;
    }

    void begin(long now) {
        if (isSet()) {
            next = (isSetBack(now) ? now : Math.max(next, now)) + SECOND_MS / perSecond;
        }
    }

    /** The receiver accepted a request. */
    void taken(long now) {
        count(now);
        refusedShare *= 1 - WEIGHT;
        if (!isSet()) {
            return;
        }
        double seconds = Math.min(1, Math.max(0, (now - changed) / (double) SECOND_MS));
        perSecond *= Math.pow(perSecond < NEAR * tooMuch && tooMuch != NONE ? GROWTH : FAST_GROWTH, seconds);
        changed = now;
        if (perSecond > FASTEST) {
            perSecond = NONE;
            tooMuch = NONE;
        }
    }

    private void count(long now) {
        long current = Math.floorDiv(now, SECOND_MS);
        if (current != second) {
            takenBefore = current == second + 1 ? taken : 0;
            taken = 0;
            second = current;
        }
        taken++;
    }

    /**
     * The receiver is overloaded.
     *
     * @param oneAtATime whether it had at most one request in flight
     */
    void refused(int status, boolean oneAtATime, long now) {
        refusedShare = (1 - WEIGHT) * refusedShare + WEIGHT;
        if (!isSet() && oneAtATime) {
            perSecond = Math.max(SLOWEST, BACK * Math.max(taken, takenBefore));
            next = now + SECOND_MS / perSecond;
            changed = now;
            shrunk = now;
        } else if (isSet() && isTooOften(status) && (now - shrunk >= SECOND_MS || now < shrunk)) {
            tooMuch = perSecond;
            perSecond = Math.max(SLOWEST, BACK * perSecond);
            changed = now;
            shrunk = now;
        }
    }

    private boolean isTooOften(int status) {
        return status == TOO_MANY_REQUESTS || refusedShare > TOLERATED;
    }
}
