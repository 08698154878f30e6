package io.engagementwebhooks.ledger;

import java.util.concurrent.CompletableFuture;
import org.apache.camel.AsyncCallback;
import org.apache.camel.AsyncProcessor;
import org.apache.camel.Exchange;
import org.apache.camel.support.AsyncCallbackToCompletableFutureAdapter;
import org.apache.camel.support.PluginHelper;

/**
 * An asynchronous step that is not a Camel service, so that several routes can use it. Camel stops a service with any
 * route that uses it, and counts it in JMX for the last route only.
 */
@FunctionalInterface
public interface AsyncStep extends AsyncProcessor {

    /**
     * Begins the step. What it throws is the exchange's exception.
     *
     * @param callback for a step that ends later
     * @return whether it has ended
     */
    boolean begin(Exchange exchange, AsyncCallback callback) throws Exception;

    @Override
    default boolean process(Exchange exchange, AsyncCallback callback) {
        boolean isDone;
        try {
            isDone = begin(exchange, callback);
        } catch (Exception | Error e) {
            FatalErrors.check(e);
            exchange.setException(e);
            isDone = true;
        }
        if (isDone) {
            callback.done(true);
        }
        return isDone;
    }

    @Override
    default void process(Exchange exchange) throws Exception {
        PluginHelper.getAsyncProcessorAwaitManager(exchange.getContext()).process(this, exchange);
    }

    @Override
    default CompletableFuture<Exchange> processAsync(Exchange exchange) {
        AsyncCallbackToCompletableFutureAdapter<Exchange> callback =
                new AsyncCallbackToCompletableFutureAdapter<>(exchange);
        process(exchange, callback);
        return callback.getFuture();
    }
}
