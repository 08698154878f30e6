package io.engagementwebhooks.deliver;

import io.engagementwebhooks.ledger.FatalErrors;
import java.time.Duration;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.AsyncProcessorSupport;

/**
 * A step that builds the request to an HTTP receiver, once the receiver's address is known. The lookup is part of the attempt's
 * time; what our threads take after it is not. Thread-safe if the step is.
 */
public final class ResolvedStep extends AsyncProcessorSupport {

    private final Processor step;
    private final StepWait wait;

    /**
     * @param step builds the request
     * @param wait for the address
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
            context.postpone(waited.negated());
            context.timing().call().took(Timing.Part.DNS, waited.toNanos());
        }
    }
}
