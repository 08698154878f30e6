package io.engagementwebhooks.deliver.step;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.camel.AsyncProducer;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;

/** Sends a batch through a route. Thread-safe. */
public final class SendingRoute {

    private final CamelContext context;
    private final String from;
    private final String errorText;
    private AsyncProducer producer;

    /**
     * @param from the name of the route's {@code direct:} endpoint
     * @param errorText the error text if the route is missing
     */
    public SendingRoute(CamelContext context, String from, String errorText) {
        this.context = context;
        this.from = from;
        this.errorText = errorText;
    }

    /**
     * Sends an exchange through the route. Completes with the exchange, never exceptionally; the exchange has the
     * failure.
     */
    public CompletionStage<Exchange> send(Exchange exchange) {
        CompletableFuture<Exchange> sent = new CompletableFuture<>();
        producer().process(exchange, doneSync -> sent.complete(exchange));
        return sent;
    }

    /** Created on first use, when the routes run. */
    private synchronized AsyncProducer producer() {
        if (producer == null) {
            try {
                // without a route the call fails at once instead of after 30 s
                AsyncProducer made =
                        context.getEndpoint("direct:" + from + "?block=false").createAsyncProducer();
                context.addService(made, true, true);
                producer = made;
            } catch (Exception e) {
                throw new IllegalStateException(errorText + " by direct:" + from, e);
            }
        }
        return producer;
    }
}
