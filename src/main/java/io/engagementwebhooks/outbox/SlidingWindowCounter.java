package io.engagementwebhooks.outbox;

/** Counts occurrences in the last second, in steps of 100 ms. Not thread-safe. */
final class SlidingWindowCounter {

    private static final int STEPS = 10;
    private static final long STEP_MS = 100;

    private final long[] counts = new long[STEPS];
    private final long[] steps = new long[STEPS];

    /** @param many negative: some that were counted before do not count */
    void add(long millis, int many) {
        long step = Math.floorDiv(millis, STEP_MS);
        int place = Math.floorMod(step, STEPS);
        if (steps[place] != step) {
            steps[place] = step;
            counts[place] = 0;
        }
        counts[place] += many;
    }

    /** The sum, the current step included. */
    long sum(long millis) {
        long now = Math.floorDiv(millis, STEP_MS);
        long sum = 0;
        for (int i = 0; i < STEPS; i++) {
            sum += steps[i] > now - STEPS && steps[i] <= now ? counts[i] : 0;
        }
        return Math.max(0, sum);
    }
}
