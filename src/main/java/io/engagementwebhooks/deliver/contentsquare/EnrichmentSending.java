package io.engagementwebhooks.deliver.contentsquare;

import io.engagementwebhooks.contentsquare.CallAttributes;
import io.engagementwebhooks.contentsquare.ContentsquareAccess;
import io.engagementwebhooks.contentsquare.ContentsquareConstants;
import io.engagementwebhooks.contentsquare.ContentsquareException;
import io.engagementwebhooks.contentsquare.EnrichmentBatch;
import io.engagementwebhooks.deliver.AttemptTracing;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.Timing;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.deliver.step.BatchSending;
import io.engagementwebhooks.deliver.step.SendingRoute;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.webhook.Batch;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.support.DefaultExchange;

/**
 * Sends enrichments of one project and version as one batch, by the route from {@code direct:send-enrichments}. A batch
 * rejected for its content is split in halves and resent, until only the invalid records fail. A resend is harmless:
 * the same number overwrites. Thread-safe.
 */
public final class EnrichmentSending implements BatchSending {

    private static final URI PATH = URI.create("/v1/enrichments");

    /** Statuses that refuse the caller, not the content, so that a split does not help. */
    private static final Set<Integer> CALLER_REFUSED = Set.of(401, 403, 405);

    private final CamelContext context;
    private final AttemptTracing tracing;
    private final SendingRoute route;

    /** @param tracing begins the attempt's span */
    public EnrichmentSending(CamelContext context, AttemptTracing tracing) {
        this.context = context;
        this.tracing = tracing;
        this.route = new SendingRoute(context, "send-enrichments", "enrichments cannot be sent");
    }

    private record Key(ContentsquareAccess access, Object project, Object version) {}

    @Override
    public Terms terms(Exchange exchange) {
        Message message = exchange.getMessage();
        Batch batch = ContentsquareProjects.connection(DeliveryContext.delivery(exchange))
                .batch();
        Key key = new Key(
                exchange.getProperty(ContentsquareConstants.ACCESS, ContentsquareAccess.class),
                message.getBody(Map.class).get("projectId"),
                message.getHeader(ContentsquareConstants.INTEGRATION_VERSION));
        return new Terms(key, batch.size(), batch.gathering());
    }

    @Override
    public CompletionStage<Void> send(List<Exchange> together) {
        together.forEach(exchange -> DeliveryContext.of(exchange).request(shown(exchange)));
        return route.send(batch(together)).thenCompose(answered -> applyResults(together, answered));
    }

    /** The delivery's part of the batch. Its URL is only a path, since the endpoint comes with each token. */
    private static OutgoingRequest shown(Exchange exchange) {
        Map<?, ?> enrichment = exchange.getMessage().getBody(Map.class);
        EnrichmentBatch alone = new EnrichmentBatch(
                ((Number) enrichment.get("projectId")).longValue(),
                exchange.getMessage().getHeader(ContentsquareConstants.INTEGRATION_VERSION, Integer.class),
                List.of(new EnrichmentBatch.Enrichment(
                        (String) enrichment.get("userId"),
                        ((Number) enrichment.get("sessionNumber")).longValue(),
                        ((Number) enrichment.get("enrichmentNumber")).intValue(),
                        EventJson.mapper().valueToTree(enrichment.get("enrichment")))));
        return OutgoingRequest.byComponent(
                PATH, "POST", alone.toJson(), DeliveryContext.of(exchange).timing());
    }

    private Exchange batch(List<Exchange> together) {
        Exchange first = together.get(0);
        Exchange batch = new DefaultExchange(context);
        batch.setProperty(ContentsquareConstants.ACCESS, first.getProperty(ContentsquareConstants.ACCESS));
        // one delivery that may not be sent any more fails the whole batch; the others are retried soon without it
        batch.setProperty(
                ContentsquareConstants.BEFORE_SENDING, (Runnable) () -> together.forEach(each -> each.getProperty(
                                ContentsquareConstants.BEFORE_SENDING,
                                CallAttributes.NONE.beforeSending(),
                                Runnable.class)
                        .run()));
        batch.setProperty(
                ContentsquareConstants.TIMING,
                Timing.of(together.stream()
                        .map(each -> DeliveryContext.of(each).timing())
                        .toList()));
        Message message = batch.getMessage();
        message.setHeader(
                ContentsquareConstants.INTEGRATION_VERSION,
                first.getMessage().getHeader(ContentsquareConstants.INTEGRATION_VERSION));
        message.setBody(together.stream()
                .map(exchange -> exchange.getMessage().getBody(Map.class))
                .toList());
        if (together.size() == 1) {
            // a batch has no single trace
            tracing.begin(first)
                    .ifPresent(step -> message.setHeader(
                            ContentsquareConstants.REQUEST_HEADERS, Map.of(TraceParent.NAME, step.toString())));
        }
        return batch;
    }

    private CompletionStage<Void> applyResults(List<Exchange> together, Exchange answered) {
        Throwable failure = answered.getException();
        if (failure == null) {
            together.forEach(exchange -> succeeded(exchange, answered, together.size()));
            return CompletableFuture.completedFuture(null);
        }
        if (together.size() > 1 && isContentRefused(failure)) {
            return sendHalves(together);
        }
        together.forEach(exchange -> exchange.setException(failure));
        return CompletableFuture.completedFuture(null);
    }

    private static boolean isContentRefused(Throwable failure) {
        return failure instanceof ContentsquareException refused
                && !refused.isRetryable()
                && !CALLER_REFUSED.contains(refused.getStatus());
    }

    private static void succeeded(Exchange exchange, Exchange answered, int together) {
        Message message = exchange.getMessage();
        message.setBody(answered.getMessage().getBody());
        message.setHeader(
                ContentsquareConstants.STATUS_CODE,
                answered.getMessage().getHeader(ContentsquareConstants.STATUS_CODE));
        if (together > 1) {
            DeliveryContext.of(exchange).addNote("one of " + together + " in one request");
        }
    }
}
