package io.engagementwebhooks.ingest;

import io.engagementwebhooks.server.ProblemResponse;
import io.engagementwebhooks.store.accept.Accepted;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Step {@code build-accepted-response}: builds the response after the commit. A later step writes it as JSON. Thread-safe. */
public final class AcceptedResponse implements Processor {

    @Override
    public void process(Exchange exchange) {
        List<?> accepted = exchange.getIn().getBody(List.class);
        List<Map<String, Object>> answers =
                accepted.stream().map(one -> answer((Accepted) one)).toList();
        boolean allKnown = !accepted.isEmpty() && accepted.stream().allMatch(one -> ((Accepted) one).duplicate());
        boolean batch = exchange.getProperty(ProblemResponse.BATCH, false, Boolean.class);
        exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, allKnown ? 200 : 202);
        exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "application/json");
        exchange.getMessage().setBody(batch ? Map.of("events", answers) : answers.get(0));
    }

    private static Map<String, Object> answer(Accepted accepted) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("id", accepted.eventId());
        answer.put("deliveries", accepted.deliveries());
        if (accepted.duplicate()) {
            answer.put("duplicate", true);
        }
        return answer;
    }
}
