package io.engagementwebhooks.deliver;

import io.engagementwebhooks.ledger.FairExecutor;
import io.engagementwebhooks.outbox.Outbox;

/** Continues exchanges that waited without a thread. Thread-safe. */
@FunctionalInterface
public interface Resuming {

    /** Runs the rest of an attempt on a delivery thread. */
    void resume(Delivery delivery, Runnable rest);

    /**
     * Uses the delivery threads for deliveries in flight, and another executor for the rest, such as tests of webhooks.
     * Runs on the caller's thread once those have shut down, so that nothing is lost.
     *
     * @param outbox has the delivery threads
     * @param others for everything else
     */
    static Resuming onDeliveryThreads(Outbox outbox, FairExecutor others) {
        return (delivery, rest) -> {
            if (outbox.resume(delivery.id(), rest)) {
                return;
            }
            new ContinuationExecutor(next -> others.execute(delivery.webhook().account(), next)).execute(rest);
        };
    }
}
