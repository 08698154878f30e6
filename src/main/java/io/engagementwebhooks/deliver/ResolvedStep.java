package io.engagementwebhooks.deliver;

import io.engagementwebhooks.ledger.FatalErrors;
import java.time.Duration;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.AsyncProcessorSupport;

/**
 * Runs a step that builds an HTTP request once the receiver's address is resolved. The lookup counts as time of the
 * attempt; the wait for a thread after it does not. Thread-safe if the step is.
 */
public final class ResolvedStep extends AsyncProcessorSupport {

    private final Processor step;
    private final StepWait wait;

    /**
     * @param step builds the request
     * @param wait waits for the address
     */
    public ResolvedStep(Processor step, StepWait wait) {
        this.step = step;
        this.wait = wait;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        try {
            Delivery delivery = DeliveryContext.delivery(exchange);
            Duration timeout = delivery.webhook().delivery().timeout();
            return wait.forName(delivery.receiver().url(), timeout, this::build, exchange, callback);
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            exchange.setException(e);
            callback.done(true);
            return true;
        }
    }

    private void build(Exchange exchange, Void known, Duration waited) throws Exception {
        step.process(exchange);
        if (!waited.isZero()) {
            DeliveryContext context = DeliveryContext.of(exchange);
            context.extendDeadline(waited.negated());
            context.timing().call().took(Timing.Part.DNS, waited.toNanos());
        }
    }
}
