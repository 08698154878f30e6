package io.engagementwebhooks.deliver.contentsquare;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.contentsquare.ContentsquareConstants;
import io.engagementwebhooks.contentsquare.ContentsquareRequest;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.deliver.request.RequestBuilding;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.template.BodyFault;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Step <i>build-enrichment</i>: sets the message's body to a map of {@code projectId}, {@code userId},
 * {@code sessionNumber}, {@code enrichmentNumber} and {@code enrichment}, as the Contentsquare component expects it,
 * and removes every header. A webhook's own body becomes the message's body; its path and headers, which may hold keys,
 * are in a property. If there is nothing to send it ends the attempt with an outcome; the route must not call then.
 * Thread-safe.
 *
 * @param requests builds the request of a webhook with its own body
 */
public record EnrichmentBuilding(RequestBuilding requests) implements Processor {

    /** The same number overwrites, so a later event of the call updates the earlier enrichment. */
    private static final int FIRST_ENRICHMENT = 1;

    @Override
    public void process(Exchange exchange) {
        Delivery delivery = DeliveryContext.delivery(exchange);
        exchange.removeProperty(ContentsquareConstants.REQUEST);
        exchange.getMessage().removeHeaders("*");
        if (delivery.webhook().delivery().target() instanceof Target.OwnRequest own) {
            request(exchange, requests.request(exchange, own.request()));
            return;
        }
        Target.Contentsquare target =
                (Target.Contentsquare) delivery.webhook().delivery().target();
        JsonNode content = delivery.content();
        Optional<SessionIds> session = SessionIds.in(content, target.sessionPath());
        if (session.isEmpty()) {
            DeliveryContext.end(exchange, new Outcome.Skipped("no Contentsquare session in the event"));
            return;
        }
        try {
            enrich(
                    exchange,
                    session.get(),
                    Enrichment.of(
                            content,
                            target.fields(),
                            ContentsquareProjects.connection(delivery).schema()));
        } catch (BodyFault fault) {
            DeliveryContext.end(exchange, Outcome.GaveUp.because(fault.getMessage()));
        }
    }

    /** Sets the webhook's own request, to a path below the endpoint that comes with the token. */
    private static void request(Exchange exchange, OutgoingRequest request) {
        Map<String, String> headers = new LinkedHashMap<>();
        request.forEachHeader(headers::put);
        String contentType = headers.remove(Exchange.CONTENT_TYPE);
        exchange.getMessage().setBody(request.body());
        exchange.setProperty(
                ContentsquareConstants.REQUEST,
                new ContentsquareRequest(
                        request.method(), request.url().toString(), contentType, headers, request.body()));
        request.bearer();
        DeliveryContext.of(exchange).planned(request);
        exchange.setProperty(ContentsquareConstants.TIMING, request.timing());
    }

    private static void enrich(Exchange exchange, SessionIds session, Enrichment enrichment) {
        if (!enrichment.notes().isEmpty()) {
            DeliveryContext.of(exchange).note(String.join("; ", enrichment.notes()));
        }
        if (enrichment.values().isEmpty()) {
            DeliveryContext.end(exchange, new Outcome.Skipped("the event has no value for any field of the schema"));
            return;
        }
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("projectId", session.projectId());
        body.put("userId", session.userId());
        body.put("sessionNumber", session.sessionNumber());
        body.put("enrichmentNumber", FIRST_ENRICHMENT);
        body.put("enrichment", enrichment.values());
        exchange.getMessage().setBody(body);
    }
}
