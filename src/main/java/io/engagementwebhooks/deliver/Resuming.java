package io.engagementwebhooks.deliver;

import io.engagementwebhooks.ledger.FairExecutor;
import io.engagementwebhooks.outbox.Outbox;
import org.apache.camel.Exchange;

/** Continues exchanges that waited without a thread. Thread-safe. */
@FunctionalInterface
public interface Resuming {

    /** Runs the rest of an attempt on another thread. */
    void resume(Exchange exchange, Runnable rest);

    /**
     * Uses the delivery threads for deliveries in flight, and another executor for the rest, such as tests of webhooks.
     * Runs on the caller's thread once those have shut down, so that nothing is lost.
     *
     * @param outbox has the delivery threads
     * @param others for everything else
     */
    static Resuming onDeliveryThreads(Outbox outbox, FairExecutor others) {
        return (exchange, rest) -> {
            Delivery delivery = DeliveryContext.delivery(exchange);
            if (outbox.resume(delivery.id(), rest)) {
                return;
            }
            new ContinuationExecutor(next -> others.execute(delivery.webhook().account(), next)).execute(rest);
        };
    }
}
