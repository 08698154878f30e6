package io.engagementwebhooks.outbox;

/**
 * How many requests to a webhook may be in flight: 16 at first, one more per round of answers, half after an overload, but at
 * most once per round of outstanding requests and never below 1. Until the first overload it doubles per round, as long as the
 * receiver takes no longer for many requests than for few. Guarded by the lock of {@link WebhookQueues}.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5681#section-3.1">RFC 5681, 3.1: slow start and congestion avoidance</a>
 */
final class AimdLimit {

    private static final int FIRST = 16;

    /** A receiver whose response time exceeds its minimum by this factor queues requests. */
    private static final double STEADY = 1.5;

    private static final long STEADY_MS = 50;

    private final int largest;
    private double limit = FIRST;

    /** Attempts that must end before the next cut; negative: none. */
    private int untilNextCut = -1;

    private boolean wasCut;
    private long shortestMs = Long.MAX_VALUE;

    /** @param largest requests in flight at most */
    AimdLimit(int largest) {
        this.largest = largest;
    }

    int get() {
        return (int) limit;
    }

    /** A webhook that was paused or disabled begins with no more than a new one. */
    void restart() {
        limit = Math.min(limit, FIRST);
    }

    /** An attempt has ended, whatever came of it. */
    void ended() {
        untilNextCut = Math.max(-1, untilNextCut - 1);
    }

    /**
     * The receiver answered in time.
     *
     * @param ms how long it took
     * @param wasFull whether the limit kept another request from beginning
     */
    void grow(long ms, boolean wasFull) {
        shortestMs = Math.min(shortestMs, ms);
        boolean isSteady = !wasCut && wasFull && ms <= STEADY * shortestMs + STEADY_MS;
        limit = Math.min(largest, limit + (isSteady ? 1 : 1 / limit));
    }

    /** @param inFlight requests that were sent before the receiver slows down */
    void cut(int inFlight) {
        wasCut = true;
        if (untilNextCut < 0) {
            limit = Math.max(1, limit / 2);
            untilNextCut = inFlight;
        }
    }
}
