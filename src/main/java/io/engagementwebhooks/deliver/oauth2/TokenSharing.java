package io.engagementwebhooks.deliver.oauth2;

import java.time.Duration;
import java.util.Optional;

/**
 * Stores shared tokens and coordinates token requests of several instances. Its values are secret. Thread-safe; it
 * fails while the store is unreachable.
 */
public interface TokenSharing {

    /** The last value of a name. */
    Optional<byte[]> kept(String name);

    /** Replaces the kept value, and releases the claim. */
    void keep(String name, byte[] token);

    /** Asks for the right to ask for the next one, for a time. @return whether this instance has it */
    boolean claim(String name, Duration most);

    /** Gives the right to ask back, where nothing came of it. */
    void giveBack(String name);
}
