package io.engagementwebhooks.webhook.config;

import java.util.Optional;

/**
 * Where the last good set-up is kept over a restart. What is kept is sealed: it holds the secrets the set-up ran with, so
 * that it runs again where a variable is missing. Implementations are called by one thread at a time.
 */
public interface LastKnownGoodConfig {

    /** What was saved last, or empty. */
    Optional<byte[]> load();

    /** Keeps it in place of what was kept before; a {@link RuntimeException} is logged and tried again. */
    void save(byte[] sealed);

    /** How it is shared with other processes; empty: this one alone keeps it. */
    default Optional<Sharing> sharing() {
        return Optional.empty();
    }
}
