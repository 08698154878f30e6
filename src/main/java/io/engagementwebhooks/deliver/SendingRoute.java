package io.engagementwebhooks.deliver;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.camel.AsyncProducer;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;

/** Sends a batch through a route. Thread-safe. */
public final class SendingRoute {

    private final CamelContext context;
    private final String from;
    private final String withoutIt;
    private AsyncProducer producer;

    /**
     * @param from the name of the {@code direct:} endpoint that it is from
     * @param withoutIt what cannot be done if it is not there
     */
    public SendingRoute(CamelContext context, String from, String withoutIt) {
        this.context = context;
        this.from = from;
        this.withoutIt = withoutIt;
    }

    /** The exchange when it has gone through, with its failure if it has one. */
    public CompletionStage<Exchange> through(Exchange exchange) {
        CompletableFuture<Exchange> sent = new CompletableFuture<>();
        producer().process(exchange, doneSync -> sent.complete(exchange));
        return sent;
    }

    /** Made when the routes run: it leads to one of them. */
    private synchronized AsyncProducer producer() {
        if (producer == null) {
            try {
                // without such a route the call fails at once, instead of after half a minute
                AsyncProducer made =
                        context.getEndpoint("direct:" + from + "?block=false").createAsyncProducer();
                context.addService(made, true, true);
                producer = made;
            } catch (Exception e) {
                throw new IllegalStateException(withoutIt + " by direct:" + from, e);
            }
        }
        return producer;
    }
}
