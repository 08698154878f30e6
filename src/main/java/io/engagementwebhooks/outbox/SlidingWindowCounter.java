package io.engagementwebhooks.outbox;

/** Counts occurrences in the last second, in steps of 100 ms. Not thread-safe. */
final class SlidingWindowCounter {

    private static final int STEPS = 10;
    private static final long STEP_MS = 100;

    private final long[] counts = new long[STEPS];
    private final long[] steps = new long[STEPS];

    void add(long millis) {
        long step = Math.floorDiv(millis, STEP_MS);
        int place = Math.floorMod(step, STEPS);
        if (steps[place] != step) {
            steps[place] = step;
            counts[place] = 0;
        }
        counts[place]++;
    }

    /** Removes one that was added at this time, if it is still in the window. */
    void remove(long millis) {
        long step = Math.floorDiv(millis, STEP_MS);
        int place = Math.floorMod(step, STEPS);
        if (steps[place] == step) {
            counts[place]--;
        }
    }

    /** The sum, the current step included. */
    long sum(long millis) {
        long now = Math.floorDiv(millis, STEP_MS);
        long sum = 0;
        for (int i = 0; i < STEPS; i++) {
            sum += steps[i] > now - STEPS && steps[i] <= now ? counts[i] : 0;
        }
        return sum;
    }
}
