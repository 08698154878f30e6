package io.engagementwebhooks.operate.routes;

import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.step.StepThreads;
import io.engagementwebhooks.ledger.FatalErrors;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.processor.DelegateAsyncProcessor;

/**
 * Turns an Error of a step, such as a StackOverflowError, into the exchange's exception. Camel's reactive executor
 * would otherwise queue the thread's next exchanges for ever. Notes the step that a delivery failed at. Thread-safe.
 */
public final class StepErrors implements InterceptStrategy {

    @Override
    public Processor wrapProcessorInInterceptors(
            CamelContext context, NamedNode definition, Processor target, Processor next) {
        return new Caught(target, ForeignSteps.step(definition));
    }

    private static final class Caught extends DelegateAsyncProcessor {

        private final StepThreads.Step step;

        Caught(Processor target, StepThreads.Step step) {
            super(target);
            this.step = step;
        }

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            AsyncCallback noted = doneSync -> {
                note(exchange);
                callback.done(doneSync);
            };
            try {
                return super.process(exchange, noted);
            } catch (Error e) {
                FatalErrors.check(e);
                exchange.setException(e);
                noted.done(true);
                return true;
            }
        }

        private void note(Exchange exchange) {
            DeliveryContext context = exchange.getException() == null ? null : DeliveryContext.of(exchange);
            if (context != null) {
                context.failed(step, exchange.getException());
            }
        }
    }
}
