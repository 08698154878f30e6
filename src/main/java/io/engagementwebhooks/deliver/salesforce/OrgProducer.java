package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.ledger.FatalErrors;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.salesforce.SalesforceEndpoint;
import org.apache.camel.component.salesforce.SalesforceProducer;
import org.apache.camel.component.salesforce.api.SalesforceException;
import org.apache.camel.component.salesforce.internal.PayloadFormat;
import org.apache.camel.component.salesforce.internal.client.RawClient;

/** Camel's producer of raw requests. Camel gives its client the body only, so the body carries the {@link OrgCall}. */
final class OrgProducer extends SalesforceProducer {

    private static final String NO_ANSWER = "the call to Salesforce has no answer";

    OrgProducer(SalesforceEndpoint endpoint) throws SalesforceException {
        super(endpoint);
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        Message message = exchange.getMessage();
        byte[] body = Optional.ofNullable(message.getBody(byte[].class)).orElse(new byte[0]);
        message.setBody(new Body(body, exchange.getProperty(OrgCall.PROPERTY, OrgCall.class)));
        return super.process(exchange, callback);
    }

    private static final class Body extends ByteArrayInputStream {

        private final OrgCall call;

        Body(byte[] bytes, OrgCall call) {
            super(bytes);
            this.call = call;
        }
    }

    /** As {@link RawClient#makeRequest}. */
    static void send(
            String method,
            String path,
            PayloadFormat format,
            InputStream body,
            Map<String, List<String>> headers,
            RawClient.ResponseCallback callback) {
        ((Body) body)
                .call
                .send(method, path, headers, ((Body) body).readAllBytes())
                .whenComplete((answer, failure) -> {
                    if (failure == null) {
                        callback.onResponse(new ByteArrayInputStream(answer.body()), headers(answer), refusal(answer));
                    } else {
                        FatalErrors.check(failure);
                        callback.onResponse(
                                null, Map.of(), new SalesforceException(NO_ANSWER, 0, Causes.unwrapped(failure)));
                    }
                });
    }

    private static Map<String, String> headers(Answer answer) {
        Map<String, String> headers = new HashMap<>(answer.headers());
        headers.keySet().removeIf(name -> !name.startsWith("sforce"));
        headers.put(Exchange.HTTP_RESPONSE_CODE, Integer.toString(answer.status()));
        return headers;
    }

    /** The exception of an error response; null for a success. */
    private static SalesforceException refusal(Answer answer) {
        if (answer.status() / 100 == 2) {
            return null;
        }
        String errors = RecordError.in(OrgAnswers.json(answer.body())).stream()
                .map(error -> ", " + error.named())
                .collect(Collectors.joining());
        return new SalesforceException("Salesforce answered " + answer.status() + errors, answer.status());
    }
}
