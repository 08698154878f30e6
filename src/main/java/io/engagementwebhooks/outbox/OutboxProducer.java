package io.engagementwebhooks.outbox;

import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.store.accept.Intake;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultAsyncProducer;

/** Stores the {@link Intake}s of a message. The body becomes the list of results after the commit. */
final class OutboxProducer extends DefaultAsyncProducer {

    private final Outbox outbox;
    private final boolean continueOnConflict;

    OutboxProducer(OutboxEndpoint endpoint) {
        super(endpoint);
        this.outbox = endpoint.getComponent().getOutbox();
        this.continueOnConflict = endpoint.isContinueOnConflict();
    }

    @Override
    @SuppressWarnings("unchecked")
    public boolean process(Exchange exchange, AsyncCallback callback) {
        try {
            List<Intake> intakes = exchange.getIn().getBody(List.class);
            CompletionStage<? extends List<?>> accepting = continueOnConflict
                    ? outbox.acceptance().acceptAllowingConflicts(intakes)
                    : outbox.acceptance().accept(intakes);
            accepting.whenComplete((accepted, failure) -> {
                if (failure == null) {
                    exchange.getMessage().setBody(accepted);
                } else {
                    exchange.setException(Causes.unwrapped(failure));
                }
                outbox.proceed(intakes, () -> callback.done(false));
            });
            return false;
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            exchange.setException(e);
            callback.done(true);
            return true;
        }
    }
}
