package io.engagementwebhooks.store.jdbc;

import java.time.Duration;

/**
 * Delays commits of writes without an urgent caller, such as outcomes, until an urgent write shares the commit. Where
 * events arrive one by one, each would otherwise cause two commits, and the second would delay the next event's. Used
 * by the writer thread alone.
 */
public final class GroupCommitDelay {

    /** The longest delay, and the longest mean interval of urgent writes at which delaying pays off. */
    private static final Duration MAX_DELAY = Duration.ofMillis(5);

    /** This many delayable writes are committed without an urgent one. */
    private static final int MAX_DELAYED = 16;

    private static final int MEAN_WEIGHT = 8;

    private final long maxDelay;
    private final long maxInterval;
    private long lastUrgent;
    private long meanInterval;

    public GroupCommitDelay() {
        this(MAX_DELAY, System.nanoTime());
    }

    /** @param now like all times here a {@link System#nanoTime()} */
    GroupCommitDelay(Duration longest, long now) {
        this.maxDelay = longest.toNanos();
        this.maxInterval = 4 * this.maxDelay;
        this.lastUrgent = now;
        this.meanInterval = maxInterval;
    }

    /** Records urgent writes, the last of which arrived at a given time. */
    void recordUrgent(int urgent, long at) {
        long each = Math.min(maxInterval, Math.max(0, at - lastUrgent) / urgent);
        for (int i = 0; i < urgent && i < MEAN_WEIGHT; i++) {
            meanInterval += (each - meanInterval) / MEAN_WEIGHT;
        }
        lastUrgent = at;
    }

    /**
     * The remaining delay of a group without urgent writes.
     *
     * @param size the size of the group
     * @param first when its first write arrived
     * @return nanoseconds; 0 or less: commit now
     */
    long remaining(int size, long first, long now) {
        boolean isExpected = meanInterval <= maxDelay && now - lastUrgent <= maxInterval;
        return isExpected && size < MAX_DELAYED ? first + maxDelay - now : 0;
    }
}
