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
     * Uses the threads of the delivery's account; the caller's thread once they have shut down, so that nothing is lost.
     *
     * @param outbox ends an attempt whose rest fails
     */
    static Resuming on(FairExecutor threads, Outbox outbox) {
        return (exchange, rest) -> {
            Delivery delivery = DeliveryContext.delivery(exchange);
            new ContinuationExecutor(next -> threads.execute(delivery.webhook().account(), next))
                    .execute(() -> outbox.resume(delivery.id(), rest));
        };
    }
}
