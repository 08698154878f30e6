package io.engagementwebhooks.store.sqlite;

import java.time.Duration;

/**
 * Whether a write that hardly anybody waits for, such as the record of a try, should wait for one that somebody does, and share its
 * commit. Where events come one by one, each would otherwise have two commits, and the second would be in the way of the
 * next event's. Used by the writer thread alone.
 */
final class Company {

    /** The longest wait, and the longest usual distance of what cannot wait at which it is worth it. */
    private static final Duration LONGEST = Duration.ofMillis(5);

    /** So many that can wait are company enough for each other. */
    private static final int ENOUGH = 16;

    private static final int WEIGHT = 8;

    private final long longest;
    private final long longestDistance;
    private long last;
    private long distance;

    Company() {
        this(LONGEST, System.nanoTime());
    }

    /** @param now as all times a {@link System#nanoTime()} */
    Company(Duration longest, long now) {
        this.longest = longest.toNanos();
        this.longestDistance = 4 * this.longest;
        this.last = now;
        this.distance = longestDistance;
    }

    /** Some writes that cannot wait have come, the last of them at a time of {@link System#nanoTime()}. */
    void came(int urgent, long at) {
        long each = Math.min(longestDistance, Math.max(0, at - last) / urgent);
        for (int i = 0; i < urgent && i < WEIGHT; i++) {
            distance += (each - distance) / WEIGHT;
        }
        last = at;
    }

    /**
     * How long to wait on, where nothing has come but what can wait.
     *
     * @param many so many have come
     * @param first when the first of them came
     * @return nanoseconds; 0 or less: not at all
     */
    long waitOn(int many, long first, long now) {
        boolean isExpected = distance <= longest && now - last <= longestDistance;
        return isExpected && many < ENOUGH ? first + longest - now : 0;
    }
}
