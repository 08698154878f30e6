package io.engagementwebhooks.deliver;

import io.engagementwebhooks.ledger.FairExecutor;
import io.engagementwebhooks.outbox.DeliveryThreads;

/** Continues exchanges that waited without a thread. Thread-safe. */
@FunctionalInterface
public interface Resuming {

    /** Runs the rest of an attempt on another thread. */
    void resume(Delivery delivery, Runnable rest);

    /**
     * A delivery in its account's turn, a test of a webhook beside them; where the threads are gone, on the caller's, for nothing
     * may be lost.
     *
     * @param threads for deliveries in flight
     * @param others for all else
     */
    static Resuming inTurn(DeliveryThreads threads, FairExecutor others) {
        return (delivery, rest) -> {
            if (threads.resume(delivery.id(), rest)) {
                return;
            }
            new ContinuationExecutor(next -> others.execute(delivery.webhook().account(), next)).execute(rest);
        };
    }
}
