package io.engagementwebhooks.deliver.oauth2;

import java.time.Duration;
import java.util.Optional;

/**
 * Where several instances keep the tokens that they share, and agree on who asks for the next one. What is given to it is
 * secret. Thread-safe; it fails where the store cannot be reached.
 */
public interface TokenSharing {

    /** What was kept last under a name. */
    Optional<byte[]> kept(String name);

    /** Keeps it in place of what was kept before; gives back the right to ask. */
    void keep(String name, byte[] token);

    /** Asks for the right to ask for the next one, for a time. @return whether this instance has it */
    boolean claim(String name, Duration most);

    /** Gives the right to ask back, where nothing came of it. */
    void giveBack(String name);
}
