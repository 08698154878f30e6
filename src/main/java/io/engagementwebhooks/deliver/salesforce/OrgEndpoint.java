package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.core.JacksonException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.camel.AsyncCallback;
import org.apache.camel.AsyncProducer;
import org.apache.camel.Component;
import org.apache.camel.Consumer;
import org.apache.camel.DelegateEndpoint;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.salesforce.api.SalesforceException;
import org.apache.camel.component.salesforce.api.SalesforceMultipleChoicesException;
import org.apache.camel.support.DefaultAsyncProducer;
import org.apache.camel.support.DefaultEndpoint;
import org.apache.camel.support.service.ServiceHelper;
import org.apache.camel.util.ObjectHelper;

/**
 * Wraps Camel's endpoint to remove response and URL from exception messages, which logs, tracers and JMX show: they may
 * contain the token or a webhook's secrets. The response stays in the exception for the step that judges it.
 * Thread-safe.
 */
public final class OrgEndpoint extends DefaultEndpoint implements DelegateEndpoint {

    private final Endpoint endpoint;

    /** @param endpoint the Camel endpoint */
    public OrgEndpoint(String uri, Component component, Endpoint endpoint) {
        super(uri, component);
        this.endpoint = endpoint;
    }

    @Override
    public Endpoint getEndpoint() {
        return endpoint;
    }

    @Override
    public AsyncProducer createProducer() throws Exception {
        return new Calls(endpoint.createAsyncProducer());
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        return endpoint.createConsumer(processor);
    }

    private final class Calls extends DefaultAsyncProducer {

        private final AsyncProducer producer;

        Calls(AsyncProducer producer) {
            super(OrgEndpoint.this);
            this.producer = producer;
        }

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            return producer.process(exchange, sync -> {
                try {
                    if (exchange.getException() instanceof SalesforceException failure) {
                        exchange.setException(sanitized(failure));
                    }
                } finally {
                    callback.done(sync);
                }
            });
        }

        @Override
        protected void doStart() throws Exception {
            ServiceHelper.startService(producer);
            super.doStart();
        }

        @Override
        protected void doStop() throws Exception {
            super.doStop();
            ServiceHelper.stopService(producer);
        }
    }

    private static SalesforceException sanitized(SalesforceException failure) {
        String message = message(failure);
        if (failure instanceof SalesforceMultipleChoicesException choices) {
            return new SalesforceMultipleChoicesException(message, failure.getStatusCode(), choices.getChoices());
        }
        return new SalesforceException(
                failure.getErrors(),
                failure.getStatusCode(),
                message,
                failure.getResponseContent(),
                safeCause(failure));
    }

    /** The cause, unless it is a JSON error, which quotes the response. */
    private static Throwable safeCause(SalesforceException failure) {
        return ObjectHelper.getException(JacksonException.class, failure) == null ? failure.getCause() : null;
    }

    private static String message(SalesforceException failure) {
        if (failure.getStatusCode() == 0) {
            return "the call to Salesforce has no answer";
        }
        List<String> errors = failure.getErrors().stream()
                .filter(Objects::nonNull)
                .map(error -> RecordError.of(error).named())
                .toList();
        return "Salesforce answered " + failure.getStatusCode()
                + errors.stream().map(error -> ", " + error).collect(Collectors.joining());
    }
}
