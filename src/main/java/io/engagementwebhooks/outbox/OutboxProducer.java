package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.IdentityReusedException;
import io.engagementwebhooks.store.Intake;
import java.util.ArrayList;
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
    private final boolean setAside;

    OutboxProducer(OutboxEndpoint endpoint) {
        super(endpoint);
        this.outbox = endpoint.getComponent().getOutbox();
        this.setAside = endpoint.isSetAside();
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        accept(exchange).whenComplete((accepted, failure) -> {
            if (failure == null) {
                exchange.getMessage().setBody(accepted);
            } else {
                exchange.setException(cause(failure));
            }
            callback.done(false);
        });
        return false;
    }

    @SuppressWarnings("unchecked")
    private CompletionStage<? extends List<?>> accept(Exchange exchange) {
        try {
            List<Intake> intakes = exchange.getIn().getBody(List.class);
            return setAside ? acceptOrSetAside(intakes) : outbox.accept(intakes);
        } catch (RuntimeException | Error e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** All in one transaction still: one whose identity is another's is taken out, and the rest is tried again. */
    private CompletionStage<List<Object>> acceptOrSetAside(List<Intake> intakes) {
        if (intakes.isEmpty()) {
            return CompletableFuture.completedFuture(new ArrayList<>());
        }
        return outbox.accept(intakes)
                .<CompletionStage<List<Object>>>handle((accepted, failure) -> failure == null
                        ? CompletableFuture.completedFuture(new ArrayList<>(accepted))
                        : withoutReused(intakes, cause(failure)))
                .thenCompose(answers -> answers);
    }

    private CompletionStage<List<Object>> withoutReused(List<Intake> intakes, Throwable failure) {
        if (!(failure instanceof IdentityReusedException reused)) {
            return CompletableFuture.failedFuture(failure);
        }
        List<Intake> others = new ArrayList<>(intakes);
        others.remove(reused.index());
        return acceptOrSetAside(others).thenApply(answers -> {
            answers.add(reused.index(), reused);
            return answers;
        });
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
