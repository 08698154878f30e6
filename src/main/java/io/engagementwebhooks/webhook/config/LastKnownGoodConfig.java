package io.engagementwebhooks.webhook.config;

import java.util.Optional;

/**
 * Keeps the last good configuration over a restart. It is sealed: it holds the secrets of the configuration, so
 * that it runs again where a variable is missing. Implementations are called by one thread at a time.
 */
public interface LastKnownGoodConfig {

    /** The last saved value, or empty. */
    Optional<byte[]> load();

    /** Replaces the kept value; a {@link RuntimeException} is logged and retried. */
    void save(byte[] sealed);

    /** How it is shared with other processes; empty: this one alone keeps it. */
    default Optional<Sharing> sharing() {
        return Optional.empty();
    }
}
