package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.Answer;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.Outcome;
import io.engagementwebhooks.webhook.Target;
import java.io.IOException;
import java.io.InputStream;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * Step <i>judge-response</i>: reads from the body of a 2xx answer whether it was done. Answers of another
 * status reach {@link SalesforceFailures}. Thread-safe.
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
        byte[] body = body(message);
        OrgState org = OrgAnswers.org(orgs, delivery);
        OrgAnswers.keep(exchange, org, status, body);
        message.removeHeaders("*");
        SalesforceErrorMapper verdicts =
                new SalesforceErrorMapper(delivery, org, OrgWrite.of(exchange), OrgWrite.objects(exchange));
        DeliveryContext.end(exchange, verdict(verdicts, OrgWrite.of(exchange), delivery, status, body));
    }

    private static Outcome verdict(
            SalesforceErrorMapper verdicts, OrgWrite write, Delivery delivery, int status, byte[] body) {
        return switch (write.kind()) {
            case RECORD -> ofRecord(verdicts, status, body);
            case COMPOSITE ->
                PartAnswer.in(body, write.records().size())
                        .map(verdicts::answered)
                        .orElseGet(() -> verdicts.unanswered(true));
            case OWN -> verdicts.answered(status, OwnAnswer.errors(path(delivery), body));
        };
    }

    private static String path(Delivery delivery) {
        return ((Target.OwnRequest) delivery.webhook().delivery().target())
                .request()
                .url()
                .getPath();
    }

    private static Outcome ofRecord(SalesforceErrorMapper verdicts, int status, byte[] body) {
        if (status == NO_CONTENT) {
            return verdicts.answered(status, RecordResult.done());
        }
        return RecordResult.in(body)
                .map(result -> verdicts.answered(status, result))
                .orElseGet(() -> verdicts.unanswered(true));
    }

    /** Camel leaves the request in the body when the answer has none. */
    private static byte[] body(Message message) {
        if (!(message.getBody() instanceof InputStream stream)) {
            return new byte[0];
        }
        try (stream) {
            return stream.readNBytes(Answer.READ_BYTES);
        } catch (IOException e) {
            return new byte[0];
        }
    }
}
