package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.webhook.Target;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * Step <i>judge-response</i>: maps the body of a 2xx response to an outcome. Responses with another status reach
 * {@link SalesforceFailures}. Thread-safe.
 */
public final class SalesforceJudge implements Processor {

    private static final int NO_CONTENT = 204;

    @Override
    public void process(Exchange exchange) {
        Delivery delivery = DeliveryContext.delivery(exchange);
        Message message = exchange.getMessage();
        int status = message.getHeader(Exchange.HTTP_RESPONSE_CODE, 0, Integer.class);
        byte[] body = OrgAnswers.body(message.getBody(), Answer.READ_BYTES);
        OrgAnswers.keep(exchange, status, body);
        message.removeHeaders("*");
        SalesforceErrorMapper mapper = new SalesforceErrorMapper(
                delivery, SalesforceOrg.of(exchange), OrgWrite.of(exchange), OrgWrite.objects(exchange));
        DeliveryContext.end(exchange, outcome(mapper, OrgWrite.of(exchange), delivery, status, body));
    }

    private static Outcome outcome(
            SalesforceErrorMapper mapper, OrgWrite write, Delivery delivery, int status, byte[] body) {
        return switch (write.kind()) {
            case RECORD -> ofRecord(mapper, status, body);
            case COMPOSITE ->
                PartAnswer.in(body, write.records().size())
                        .map(mapper::answered)
                        .orElseGet(() -> mapper.unanswered(true));
            case OWN -> mapper.answered(status, ofOwn(path(delivery), body));
        };
    }

    /** The path of a webhook's own request. */
    static String path(Delivery delivery) {
        return ((Target.OwnRequest) delivery.webhook().delivery().target())
                .request()
                .url()
                .getPath();
    }

    /** The errors in a response to the webhook's own body. For Apex endpoints the status decides. */
    private static List<RecordError> ofOwn(String path, byte[] body) {
        List<RecordError> errors = new ArrayList<>();
        if (OrgCalls.isRestApi(path)) {
            collect(OrgAnswers.json(body), errors);
        }
        return errors;
    }

    /** Reads one result, a list of them (collections), or their containers (composite, batch). */
    private static void collect(JsonNode result, List<RecordError> errors) {
        if (result.isArray()) {
            result.forEach(one -> collect(one, errors));
        }
        result.path("compositeResponse").forEach(part -> collectPart(part, "httpStatusCode", "body", errors));
        result.path("results").forEach(part -> collectPart(part, "statusCode", "result", errors));
        errors.addAll(RecordError.ofResult(result));
    }

    private static void collectPart(JsonNode part, String status, String body, List<RecordError> errors) {
        if (part.path(status).asInt() / 100 != 2) {
            errors.add(RecordError.in(part.path(body)).stream().findFirst().orElseGet(RecordError::none));
        }
    }

    private static Outcome ofRecord(SalesforceErrorMapper mapper, int status, byte[] body) {
        JsonNode result = OrgAnswers.json(body);
        return status == NO_CONTENT || result.path("success").isBoolean()
                ? mapper.answered(status, RecordError.ofResult(result))
                : mapper.unanswered(true);
    }
}
