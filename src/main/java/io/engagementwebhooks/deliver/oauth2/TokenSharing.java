package io.engagementwebhooks.deliver.oauth2;

import java.time.Duration;
import java.util.Optional;

/**
 * Stores shared tokens and coordinates token requests of several instances. Values are secret. Thread-safe; fails while
 * the store is unreachable.
 */
public interface TokenSharing {

    /** For one instance, which requests every token itself. */
    TokenSharing ALONE = new TokenSharing() {};

    /** The last stored value of a name. */
    default Optional<byte[]> kept(String name) {
        return Optional.empty();
    }

    /** Replaces the value, and releases the claim. */
    default void keep(String name, byte[] token) {}

    /** Claims the next token request, for a time. @return whether this instance may send it */
    default boolean claim(String name, Duration timeout) {
        return true;
    }

    /** Releases a claim without a new value. */
    default void release(String name) {}
}
