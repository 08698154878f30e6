package io.engagementwebhooks.webhook.config;

/**
 * Shares the configuration among processes on one store. The active configuration has a generation, a
 * number that rises. Every method may fail with a {@link RuntimeException} while that place is away. Thread-safe.
 */
public interface Sharing {

    /** The generation that holds; 0: none was ever shared. */
    long generation();

    /** Keeps a configuration as that of a generation, and notifies the other processes. */
    void save(byte[] sealed, long generation);

    /** Claims the right to {@link #save} until the {@link #end}, or until this process counts as dead. @return false: another process has it */
    boolean begin();

    void end();

    /** This process's own file says what generation that was; known to the others while this process runs. */
    void say(long generation);

    /** Whether the file of any process that runs says it. */
    boolean isSaid(long generation);
}
