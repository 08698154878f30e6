package io.engagementwebhooks.store;

import java.time.Duration;
import java.util.Optional;

/** What processes that share a store agree on. An embedded store has one process, which owns everything. Thread-safe. */
public interface ClusterStore {

    /** That of an embedded store. */
    ClusterStore ALONE = new ClusterStore() {};

    /** Which webhooks' deliveries this process sends. */
    default Ownership ownership() {
        return Ownership.ALL;
    }

    /** Sets who is notified of what other processes do, and takes a share of the webhooks. */
    default void listen(ClusterListener clusterListener) {}

    /**
     * Asks for the right to make something that one of several processes makes for all, for a time.
     *
     * @return whether this process has it
     */
    default boolean claim(String name, Duration most) {
        return true;
    }

    /** What was made last under a claim of that name. */
    default Optional<byte[]> claimed(String name) {
        return Optional.empty();
    }

    /** Ends a claim. @param made what all are to have, or null: what they had before */
    default void giveBack(String name, byte[] made) {}

    /** Publishes which generation of the configuration this process's own file has. */
    default void sayConfig(long generation) {}

    /** Whether the file of any process that runs has that generation of the configuration. */
    default boolean isConfigSaid(long generation) {
        return true;
    }
}
