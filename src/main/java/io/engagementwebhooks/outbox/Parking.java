package io.engagementwebhooks.outbox;

/** Deliveries in flight that wait for something of ours without a worker, and get one in their turn after it. Thread-safe. */
public interface Parking {

    /**
     * A delivery begins to wait. Until it continues it occupies no worker, and its receiver does not count as slow.
     *
     * @param delivery its id; nothing happens where no such delivery is in flight
     */
    void park(String delivery);

    /**
     * A delivery may go on when it is its turn, among those that have not begun.
     *
     * @param delivery its id
     * @param rest what a worker runs
     * @return false: there is no worker for it, since it is not in flight or no deliveries are handed out; the caller
     *     runs the rest
     */
    boolean goOn(String delivery, Runnable rest);
}
