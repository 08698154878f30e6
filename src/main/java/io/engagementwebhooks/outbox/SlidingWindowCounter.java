package io.engagementwebhooks.outbox;

/** Counts occurrences in the last ten seconds, per second. Not thread-safe. */
final class SlidingWindowCounter {

    private static final int SECONDS = 10;

    private final long[] counts = new long[SECONDS];
    private final long[] seconds = new long[SECONDS];

    void add(long millis) {
        long second = Math.floorDiv(millis, 1000L);
        int place = Math.floorMod(second, SECONDS);
        if (seconds[place] != second) {
            seconds[place] = second;
            counts[place] = 0;
        }
        counts[place]++;
    }

    /** The sum, the current second included. */
    long sum(long millis) {
        long now = Math.floorDiv(millis, 1000L);
        long sum = 0;
        for (int i = 0; i < SECONDS; i++) {
            sum += isRecent(seconds[i], now) ? counts[i] : 0;
        }
        return sum;
    }

    /** The largest count of one second. */
    long maxPerSecond(long millis) {
        long now = Math.floorDiv(millis, 1000L);
        long most = 0;
        for (int i = 0; i < SECONDS; i++) {
            most = Math.max(most, isRecent(seconds[i], now) ? counts[i] : 0);
        }
        return most;
    }

    private static boolean isRecent(long second, long now) {
        return second > now - SECONDS && second <= now;
    }
}
