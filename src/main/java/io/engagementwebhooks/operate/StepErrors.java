package io.engagementwebhooks.operate;

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
 * would otherwise queue the thread's next exchanges for ever. Thread-safe.
 */
final class StepErrors implements InterceptStrategy {

    @Override
    public Processor wrapProcessorInInterceptors(
            CamelContext context, NamedNode definition, Processor target, Processor next) {
        return new Caught(target);
    }

    private static final class Caught extends DelegateAsyncProcessor {

        Caught(Processor target) {
            super(target);
        }

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            try {
                return super.process(exchange, callback);
            } catch (Error e) {
                FatalErrors.check(e);
                exchange.setException(e);
                callback.done(true);
                return true;
            }
        }
    }
}
