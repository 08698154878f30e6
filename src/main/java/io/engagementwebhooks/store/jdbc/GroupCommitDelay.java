package io.engagementwebhooks.store.jdbc;

import java.time.Duration;

/**
 * Delays writes that hardly any caller waits for, such as the record of an attempt, until one that a caller waits for, whose commit
 * they share. Where events arrive one by one, each would otherwise have two commits, and the second would delay the next event's. Used
 * by the writer's thread alone.
 */
final class GroupCommitDelay {

    /** The longest wait, and the longest usual distance of what cannot wait at which it is worth it. */
    private static final Duration LONGEST = Duration.ofMillis(5);

    /** So many that can wait are a group of their own. */
    private static final int ENOUGH = 16;

    private static final int WEIGHT = 8;

    private final long longest;
    private final long longestDistance;
    private long last;
    private long distance;

    GroupCommitDelay() {
        this(LONGEST, System.nanoTime());
    }

    /** @param now as all times a {@link System#nanoTime()} */
    GroupCommitDelay(Duration longest, long now) {
        this.longest = longest.toNanos();
        this.longestDistance = 4 * this.longest;
        this.last = now;
        this.distance = longestDistance;
    }

    /** Some writes that cannot wait have arrived, the last of them at a time of {@link System#nanoTime()}. */
    void arrived(int urgent, long at) {
        long each = Math.min(longestDistance, Math.max(0, at - last) / urgent);
        for (int i = 0; i < urgent && i < WEIGHT; i++) {
            distance += (each - distance) / WEIGHT;
        }
        last = at;
    }

    /**
     * How long to wait, where nothing has arrived but what can wait.
     *
     * @param many so many have arrived
     * @param first when the first of them arrived
     * @return nanoseconds; 0 or less: not at all
     */
    long remaining(int many, long first, long now) {
        boolean isExpected = distance <= longest && now - last <= longestDistance;
        return isExpected && many < ENOUGH ? first + longest - now : 0;
    }
}
