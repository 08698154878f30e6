package io.engagementwebhooks.outbox;

/** The delivery threads, for an attempt that continues after an asynchronous wait. Thread-safe. */
@FunctionalInterface
public interface DeliveryThreads {

    /**
     * Queues the rest of an attempt for a delivery thread. Accounts are served by round robin, and so are starting and
     * continuing attempts.
     *
     * @param delivery its id
     * @param rest the rest of its attempt
     * @return false: it is not in flight, or dispatch is stopped; the caller runs the rest
     */
    boolean resume(String delivery, Runnable rest);
}
