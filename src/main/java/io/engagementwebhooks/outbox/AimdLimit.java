package io.engagementwebhooks.outbox;

/**
 * The concurrency limit of a webhook. It begins at 16, rises by one per round of responses and is halved after an
 * overload, at most once per round of requests, never below 1. Until the first overload it doubles per round, unless
 * the response time rises with it. Guarded by the lock of {@link WebhookQueues}.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5681#section-3.1">RFC 5681, 3.1: slow start and congestion
 *     avoidance</a>
 */
final class AimdLimit {

    private static final int INITIAL = 16;

    /** A receiver whose response time exceeds its minimum by this factor queues requests. */
    private static final double MAX_SLOWDOWN = 1.5;

    private static final long TOLERANCE_MS = 50;

    private final int max;
    private double limit = INITIAL;

    /** Attempts that must end before the next cut; negative: none. */
    private int untilNextCut = -1;

    private boolean wasCut;
    private long minMs = Long.MAX_VALUE;

    /** @param max the upper bound */
    AimdLimit(int max) {
        this.max = max;
    }

    int get() {
        return (int) limit;
    }

    /** Restarts a resumed webhook with at most the initial limit. */
    void restart() {
        limit = Math.min(limit, INITIAL);
    }

    /** An attempt has ended, with any result. */
    void ended() {
        untilNextCut = Math.max(-1, untilNextCut - 1);
    }

    /**
     * The receiver responded in time.
     *
     * @param ms response time in milliseconds
     * @param wasFull whether the limit was reached
     */
    void grow(long ms, boolean wasFull) {
        minMs = Math.min(minMs, ms);
        boolean isSteady = !wasCut && wasFull && ms <= MAX_SLOWDOWN * minMs + TOLERANCE_MS;
        limit = Math.min(max, limit + (isSteady ? 1 : 1 / limit));
    }

    /** @param inFlight requests in flight, whose results do not cut again */
    void cut(int inFlight) {
        wasCut = true;
        if (untilNextCut < 0) {
            limit = Math.max(1, limit / 2);
            untilNextCut = inFlight;
        }
    }
}
