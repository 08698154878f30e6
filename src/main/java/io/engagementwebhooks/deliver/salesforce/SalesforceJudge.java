package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.deliver.Answer;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.Outcome;
import io.engagementwebhooks.webhook.Target;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * Step <i>judge-response</i>: maps the body of a 2xx response to an outcome. Responses with another status reach
 * {@link SalesforceFailures}. Thread-safe.
 */
public final class SalesforceJudge implements Processor {

    private static final int NO_CONTENT = 204;

    private final SalesforceOrgs orgs;

    public SalesforceJudge(SalesforceOrgs orgs) {
        this.orgs = orgs;
    }

    @Override
    public void process(Exchange exchange) {
        Delivery delivery = DeliveryContext.delivery(exchange);
        Message message = exchange.getMessage();
        int status = message.getHeader(Exchange.HTTP_RESPONSE_CODE, 0, Integer.class);
        byte[] body = OrgAnswers.body(message.getBody(), Answer.READ_BYTES);
        OrgState org = OrgAnswers.org(orgs, delivery);
        OrgAnswers.keep(exchange, status, body);
        message.removeHeaders("*");
        SalesforceErrorMapper mapper =
                new SalesforceErrorMapper(delivery, org, OrgWrite.of(exchange), OrgWrite.objects(exchange));
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
            case OWN -> mapper.answered(status, OwnAnswer.errors(path(delivery), body));
        };
    }

    private static String path(Delivery delivery) {
        return ((Target.OwnRequest) delivery.webhook().delivery().target())
                .request()
                .url()
                .getPath();
    }

    private static Outcome ofRecord(SalesforceErrorMapper mapper, int status, byte[] body) {
        JsonNode result = OrgAnswers.json(body);
        return status == NO_CONTENT || result.path("success").isBoolean()
                ? mapper.answered(status, RecordError.ofResult(result))
                : mapper.unanswered(true);
    }
}
