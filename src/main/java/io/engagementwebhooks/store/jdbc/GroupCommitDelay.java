package io.engagementwebhooks.store.jdbc;

import java.time.Duration;

/**
 * Delays commits of writes without an urgent caller, such as outcomes, until an urgent write shares the commit. Where
 * events arrive one by one, each would otherwise cause two commits, and the second would delay the next event's. Used
 * by the writer thread alone.
 */
final class GroupCommitDelay {

    /** The longest delay, and the longest mean interval of urgent writes at which delaying pays off. */
    private static final Duration LONGEST = Duration.ofMillis(5);

    /** This many delayable writes are committed without an urgent one. */
    private static final int ENOUGH = 16;

    private static final int WEIGHT = 8;

    private final long longest;
    private final long longestDistance;
    private long last;
    private long distance;

    GroupCommitDelay() {
        this(LONGEST, System.nanoTime());
    }

    /** @param now like all times here a {@link System#nanoTime()} */
    GroupCommitDelay(Duration longest, long now) {
        this.longest = longest.toNanos();
        this.longestDistance = 4 * this.longest;
        this.last = now;
        this.distance = longestDistance;
    }

    /** Records urgent writes, the last of which arrived at a given time. */
    void arrived(int urgent, long at) {
        long each = Math.min(longestDistance, Math.max(0, at - last) / urgent);
        for (int i = 0; i < urgent && i < WEIGHT; i++) {
            distance += (each - distance) / WEIGHT;
        }
        last = at;
    }

    /**
     * The remaining delay of a group without urgent writes.
     *
     * @param many the size of the group
     * @param first when its first write arrived
     * @return nanoseconds; 0 or less: commit now
     */
    long remaining(int many, long first, long now) {
        boolean isExpected = distance <= longest && now - last <= longestDistance;
        return isExpected && many < ENOUGH ? first + longest - now : 0;
    }
}
