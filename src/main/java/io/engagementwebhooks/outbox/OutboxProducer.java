package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.Accepted;
import io.engagementwebhooks.store.Intake;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultAsyncProducer;

/** Stores the {@link Intake}s of a message; the answers take their place after the commit. */
final class OutboxProducer extends DefaultAsyncProducer {

    private final Outbox outbox;

    OutboxProducer(OutboxEndpoint endpoint) {
        super(endpoint);
        this.outbox = endpoint.getComponent().getOutbox();
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        accept(exchange).whenComplete((accepted, failure) -> {
            if (failure == null) {
                exchange.getMessage().setBody(accepted);
            } else {
                exchange.setException(
                        failure instanceof CompletionException && failure.getCause() != null
                                ? failure.getCause()
                                : failure);
            }
            callback.done(false);
        });
        return false;
    }

    @SuppressWarnings("unchecked")
    private CompletionStage<List<Accepted>> accept(Exchange exchange) {
        try {
            List<Intake> intakes = exchange.getIn().getBody(List.class);
            return outbox.accept(intakes);
        } catch (RuntimeException | Error e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
