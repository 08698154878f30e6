package io.engagementwebhooks.config;

/**
 * Shares the configuration among instances on one store. The active configuration has an increasing generation number.
 * Methods fail with a {@link RuntimeException} while the store is unavailable. Thread-safe.
 */
public interface Sharing {

    /** The active generation; 0 if none was ever shared. */
    long generation();

    /** Stores the configuration of a generation, and notifies the other instances. */
    void save(byte[] sealed, long generation);

    /**
     * Claims the right to {@link #save} until {@link #end}, or until this instance counts as dead.
     *
     * @return false if another instance has it
     */
    boolean begin();

    void end();

    /** Publishes the generation of this instance's file to the other instances, while it runs. */
    void publish(long generation);

    /** Whether the file of any running instance has this generation. */
    boolean isPublished(long generation);
}
