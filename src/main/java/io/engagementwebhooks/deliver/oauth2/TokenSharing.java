package io.engagementwebhooks.deliver.oauth2;

import java.time.Duration;
import java.util.Optional;

/**
 * Stores shared tokens and coordinates token requests of several instances. Values are secret. Thread-safe; fails while
 * the store is unreachable.
 */
public interface TokenSharing {

    /** The last stored value of a name. */
    Optional<byte[]> kept(String name);

    /** Replaces the value, and releases the claim. */
    void keep(String name, byte[] token);

    /** Claims the next token request, for a time. @return whether this instance may send it */
    boolean claim(String name, Duration timeout);

    /** Releases a claim without a new value. */
    void release(String name);
}
