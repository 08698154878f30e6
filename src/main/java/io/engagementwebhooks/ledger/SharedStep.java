package io.engagementwebhooks.ledger;

import java.util.concurrent.CompletableFuture;
import org.apache.camel.AsyncCallback;
import org.apache.camel.AsyncProcessor;
import org.apache.camel.Exchange;

/**
 * An asynchronous step that is not a Camel service, so that several routes can use it. Camel stops a service with any
 * route that uses it, and counts it in JMX for the last route only.
 *
 * @param step the wrapped step
 */
public record SharedStep(AsyncProcessor step) implements AsyncProcessor {

    @Override
    public void process(Exchange exchange) throws Exception {
        step.process(exchange);
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        return step.process(exchange, callback);
    }

    @Override
    public CompletableFuture<Exchange> processAsync(Exchange exchange) {
        return step.processAsync(exchange);
    }
}
