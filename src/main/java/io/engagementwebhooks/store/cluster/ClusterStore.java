package io.engagementwebhooks.store.cluster;

import java.time.Duration;
import java.util.Optional;

/**
 * Coordinates the processes that share a store. An embedded store has one process, which owns everything. Thread-safe.
 */
public interface ClusterStore {

    /** For an embedded store. */
    ClusterStore ALONE = new ClusterStore() {};

    /** The webhooks whose deliveries this process sends. */
    default Ownership ownership() {
        return Ownership.ALL;
    }

    /** Sets the listener for changes by other processes, and starts to acquire partitions. */
    default void listen(ClusterListener clusterListener) {}

    /**
     * Acquires a named lock under which one process produces a result for all.
     *
     * @param most when the lock expires if it is not released and this process has not ended
     * @return whether this process has the lock
     */
    default boolean claim(String name, Duration most) {
        return true;
    }

    /** The last result that was produced under a lock. */
    default Optional<byte[]> claimResult(String name) {
        return Optional.empty();
    }

    /** Releases a lock. @param result the new result for all processes, or null: the result stays */
    default void releaseClaim(String name, byte[] result) {}
}
