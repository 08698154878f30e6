package io.engagementwebhooks.deliver.step;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.ledger.FairExecutor;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.outbox.Outbox;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;

/** Continues exchanges that waited without a thread. Thread-safe. */
@FunctionalInterface
public interface Resuming {

    /** Runs the rest of an attempt on another thread. */
    void resume(Exchange exchange, Runnable rest);

    /**
     * Runs the rest of a step once a future is done: here if it is, otherwise on another thread. What the rest throws is
     * the exchange's exception.
     *
     * @param rest gets the value, or the failure without {@link java.util.concurrent.CompletionException}
     * @return whether the step has ended; otherwise it calls back
     */
    default <T> boolean whenDone(
            CompletableFuture<T> ready, BiConsumer<T, Throwable> rest, Exchange exchange, AsyncCallback callback) {
        boolean isDone = ready.isDone();
        ready.whenComplete((value, failure) -> {
            Runnable step = () -> {
                try {
                    rest.accept(value, Causes.unwrapped(failure));
                } catch (RuntimeException | Error e) {
                    FatalErrors.check(e);
                    exchange.setException(e);
                }
            };
            if (isDone) {
                step.run();
            } else {
                resume(exchange, () -> {
                    step.run();
                    callback.done(false);
                });
            }
        });
        return isDone;
    }

    /**
     * Uses the threads of the delivery's account; the common pool once they have shut down, so that nothing is lost.
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
