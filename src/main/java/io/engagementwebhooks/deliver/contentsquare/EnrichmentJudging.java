package io.engagementwebhooks.deliver.contentsquare;

import io.engagementwebhooks.contentsquare.ContentsquareConstants;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.deliver.judge.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Step {@code judge-enrichment}: records the response of a success. Every failure is an exception that
 * {@link ContentsquareFailures} judges. Thread-safe.
 */
public record EnrichmentJudging(ContentsquareProjects projects) implements Processor {

    @Override
    public void process(Exchange exchange) {
        projects.tokenSucceeded(DeliveryContext.delivery(exchange));
        String body = exchange.getIn().getBody(String.class);
        DeliveryContext.of(exchange)
                .answered(new Answer(
                        exchange.getIn().getHeader(ContentsquareConstants.STATUS_CODE, Integer.class),
                        Map.of(),
                        body == null ? new byte[0] : body.getBytes(StandardCharsets.UTF_8),
                        ""));
        exchange.getIn().removeHeaders("*");
        DeliveryContext.end(exchange, new Outcome.Delivered(""));
    }
}
