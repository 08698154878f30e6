package io.engagementwebhooks.config;

import java.util.Optional;

/**
 * Stores the last valid configuration for a restart, encrypted with its secrets, so that it loads even if a variable is
 * missing. Called by one thread at a time.
 */
public interface LastKnownGoodConfig {

    /** The last saved value, or empty. */
    Optional<byte[]> load();

    /** Replaces the kept value; a {@link RuntimeException} is logged and retried. */
    void save(byte[] sealed);

    /** How instances share it; empty if it is not shared. */
    default Optional<Sharing> sharing() {
        return Optional.empty();
    }
}
