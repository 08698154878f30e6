package io.engagementwebhooks.webhook.config;

/**
 * What processes that keep their set-up in one place tell each other of it. A set-up that holds for all has a generation, a
 * number that rises. Every method may fail with a {@link RuntimeException} while that place is away. Thread-safe.
 */
public interface Sharing {

    /** The generation that holds; 0: none was ever shared. */
    long generation();

    /** Keeps a set-up as that of a generation, and tells the others. */
    void save(byte[] sealed, long generation);

    /** Nobody else {@link #save}s until the {@link #end}, or until this process is taken for gone. @return false: somebody does */
    boolean begin();

    void end();

    /** This process's own file says what generation that was; known to the others while this process runs. */
    void say(long generation);

    /** Whether the file of any process that runs says it. */
    boolean isSaid(long generation);
}
