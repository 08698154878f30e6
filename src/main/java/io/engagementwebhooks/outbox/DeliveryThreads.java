package io.engagementwebhooks.outbox;

/** The threads that deliver, for a delivery in flight that waited without a thread. Thread-safe. */
@FunctionalInterface
public interface DeliveryThreads {

    /**
     * Lets a delivery continue on one of the threads. Accounts take turns, and so do what continues and what begins.
     *
     * @param delivery its id
     * @param rest what is left to do of its attempt
     * @return false: there is no thread for it, since it is not in flight or no deliveries are handed out; the caller
     *     runs the rest
     */
    boolean resume(String delivery, Runnable rest);
}
