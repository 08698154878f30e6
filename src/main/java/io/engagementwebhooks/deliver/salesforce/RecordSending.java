package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.deliver.AttemptTracing;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.FencingCheck;
import io.engagementwebhooks.deliver.Timing;
import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.deliver.step.BatchSending;
import io.engagementwebhooks.deliver.step.Resuming;
import io.engagementwebhooks.deliver.step.SendingRoute;
import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.ledger.BudgetExceededException;
import io.engagementwebhooks.ledger.Reservation;
import io.engagementwebhooks.webhook.Batch;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.Target;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.salesforce.SalesforceEndpointConfig;
import org.apache.camel.component.salesforce.api.SalesforceException;
import org.apache.camel.support.DefaultExchange;

/**
 * Sends records of one org and object, also platform events, in one request by the route from
 * {@code direct:write-records}. A single record and other requests are sent separately. Each record has its own result.
 * A batch refused for its content is split in halves and resent, until only the invalid records fail; a refused batch
 * writes nothing. Thread-safe.
 *
 * @see <a
 *     href="https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections.htm">sObject
 *     Collections</a>
 */
public final class RecordSending implements BatchSending {

    /** Statuses that refuse the whole request for its content or size. */
    private static final Set<Integer> CONTENT_REFUSED = Set.of(400, 404, 413);

    private static final int DONE = 200;

    /** The most bytes of a record's result in a response to several. */
    private static final int BYTES_OF_RESULT = 5 * 1024;

    private static final Duration MEMORY_RETRY = Duration.ofSeconds(1);

    private final CamelContext context;
    private final AttemptTracing tracing;
    private final SendingRoute route;
    private final SalesforceOrgs orgs;
    private final FencingCheck fencingCheck;
    private final Resuming resuming;

    /**
     * @param tracing begins the attempt's span
     * @param fencingCheck stops a request before its first byte if one of its deliveries may not be sent any more
     * @param resuming continues after a response
     */
    public RecordSending(
            CamelContext context,
            AttemptTracing tracing,
            SalesforceOrgs orgs,
            FencingCheck fencingCheck,
            Resuming resuming) {
        this.context = context;
        this.resuming = resuming;
        this.orgs = orgs;
        this.fencingCheck = fencingCheck;
        this.tracing = tracing;
        this.route = new SendingRoute(context, "write-records", "records cannot be written");
    }

    /** What the records of a batch have in common. */
    private record Key(
            SalesforceConnection org,
            Target.Salesforce.Operation operation,
            String object,
            String idField,
            Duration timeout) {}

    @Override
    public Terms terms(Exchange exchange) {
        OrgWrite write = OrgWrite.of(exchange);
        if (write.kind() != OrgWrite.Kind.RECORD) {
            return new Terms("", 1, Duration.ZERO);
        }
        PlannedRecord record = write.records().get(0);
        SalesforceConnection connection = connection(exchange);
        Batch batch = connection.batch();
        Key key = new Key(connection, record.operation(), record.object(), record.idField(), timeout(exchange));
        return new Terms(key, batch.size(), batch.gathering());
    }

    private static SalesforceConnection connection(Exchange exchange) {
        return SalesforceOrgs.connection(DeliveryContext.delivery(exchange));
    }

    @Override
    public CompletionStage<Void> send(List<Exchange> together) {
        Reservation memory;
        try {
            memory = orgs.ledger().of(connection(together.get(0)).account()).reserve(mostBytes(together));
        } catch (BudgetExceededException e) {
            return CompletableFuture.failedFuture(new NothingSentException(
                    "Answers to other deliveries of this account take all of its memory",
                    orgs.clock().instant().plus(MEMORY_RETRY)));
        }
        return CompletableFuture.completedFuture(together)
                .thenCompose(all -> all.size() == 1 ? sendSingle(all.get(0)) : sendCollection(all))
                .whenComplete((done, failure) -> memory.close());
    }

    private static int mostBytes(List<Exchange> together) {
        return Math.max(Answer.READ_BYTES, together.size() * BYTES_OF_RESULT);
    }

    private CompletionStage<Void> sendCollection(List<Exchange> together) {
        Exchange collection = collection(together);
        Timing timing = Timing.of(
                together.stream().map(each -> DeliveryContext.of(each).timing()).toList());
        together.forEach(each ->
                DeliveryContext.of(each).request(shown(each, collection.getMessage(), body(List.of(each)), timing)));
        return call(together, collection, shown(together.get(0), collection.getMessage(), body(together), timing))
                .thenCompose(answered -> applyResults(together, answered));
    }

    private CompletionStage<Void> sendSingle(Exchange exchange) {
        DeliveryContext context = DeliveryContext.of(exchange);
        // a webhook's own request was planned by step build-record
        context.request(
                OrgWrite.of(exchange).kind() == OrgWrite.Kind.OWN
                        ? context.request()
                        : shown(
                                exchange,
                                exchange.getMessage(),
                                exchange.getProperty(OrgWrite.FITTED, ObjectNode.class),
                                context.timing()));
        tracing.begin(exchange).ifPresent(step -> {
            exchange.getMessage().setHeader(TraceParent.NAME, step.toString());
            exchange.getMessage().setHeader(SalesforceEndpointConfig.RAW_HTTP_HEADERS, TraceParent.NAME);
        });
        return call(List.of(exchange), exchange, context.request()).thenApply(answered -> null);
    }

    /** @param exchange the one delivery's, or the batch's */
    private CompletionStage<Exchange> call(List<Exchange> together, Exchange exchange, OutgoingRequest request) {
        Exchange first = together.get(0);
        together.forEach(each -> OrgWrite.sent(each, false));
        exchange.getMessage().setBody(request.body());
        exchange.setProperty(
                OrgCall.PROPERTY,
                new OrgCall(
                        SalesforceOrg.of(first).calls(),
                        request,
                        new OrgCalls.Terms(
                                timeout(first),
                                mostBytes(together),
                                token -> begin(together, token),
                                rest -> resuming.resume(first, rest))));
        return route.send(exchange);
    }

    /** Called before the first byte. Adds the token to the recorded requests, so that it is masked in the response. */
    private void begin(List<Exchange> together, OrgToken token) {
        together.forEach(each -> OrgWrite.sent(each, false));
        together.forEach(fencingCheck::check);
        together.forEach(each -> {
            DeliveryContext.of(each).request().header("Authorization", "Bearer " + token.value());
            OrgWrite.sent(each, true);
        });
    }

    private static Duration timeout(Exchange exchange) {
        return DeliveryContext.delivery(exchange).webhook().delivery().timeout();
    }

    /** The request as it is recorded, since Camel's component does not show it. @param call has method and path */
    private OutgoingRequest shown(Exchange exchange, Message call, ObjectNode body, Timing timing) {
        OrgToken token = SalesforceOrg.of(exchange).session().token();
        String instance = token == null ? "" : token.instance().toString();
        return OutgoingRequest.byComponent(
                URI.create(instance + call.getHeader(SalesforceEndpointConfig.RAW_PATH, String.class)),
                call.getHeader(SalesforceEndpointConfig.RAW_METHOD, String.class),
                body.toString().getBytes(StandardCharsets.UTF_8),
                timing);
    }

    private Exchange collection(List<Exchange> together) {
        Exchange first = together.get(0);
        PlannedRecord record = OrgWrite.of(first).records().get(0);
        Exchange collection = new DefaultExchange(context);
        // a user's step in the route uses the threads of its account
        DeliveryContext.put(collection, DeliveryContext.delivery(first));
        collection.setProperty(ChooseOrg.ORG, first.getProperty(ChooseOrg.ORG));
        String path = "/services/data/v" + connection(first).apiVersion() + "/composite/sobjects";
        Message message = collection.getMessage();
        message.setHeader(SalesforceEndpointConfig.RAW_METHOD, record.isUpsert() ? "PATCH" : "POST");
        message.setHeader(
                SalesforceEndpointConfig.RAW_PATH,
                record.isUpsert() ? path + "/" + record.object() + "/" + record.idField() : path);
        return collection;
    }

    private static ObjectNode body(List<Exchange> together) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("allOrNone", false);
        ArrayNode records = body.putArray("records");
        for (Exchange exchange : together) {
            PlannedRecord record = OrgWrite.of(exchange).records().get(0);
            ObjectNode one = records.addObject();
            one.putObject("attributes").put("type", record.object());
            if (record.isUpsert()) {
                one.put(record.idField(), record.idValue());
            }
            one.setAll(exchange.getProperty(OrgWrite.FITTED, ObjectNode.class));
        }
        return body;
    }

    private CompletionStage<Void> applyResults(List<Exchange> together, Exchange answered) {
        byte[] body = OrgAnswers.body(answered.getMessage().getBody(), Integer.MAX_VALUE);
        if (answered.getException() == null) {
            JsonNode results = results(body, together.size());
            for (int i = 0; i < together.size(); i++) {
                succeeded(together.get(i), answered.getMessage(), results.path(i), together.size());
            }
            return CompletableFuture.completedFuture(null);
        }
        if (answered.getException() instanceof SalesforceException refused
                && CONTENT_REFUSED.contains(refused.getStatusCode())) {
            return sendHalves(together);
        }
        together.forEach(exchange -> failed(exchange, answered, body));
        return CompletableFuture.completedFuture(null);
    }

    /** The results, one per record, in order; otherwise a missing node. */
    private static JsonNode results(byte[] body, int records) {
        JsonNode results = OrgAnswers.json(body);
        return results.isArray() && results.size() == records ? results : MissingNode.getInstance();
    }

    private static void succeeded(Exchange exchange, Message answer, JsonNode result, int together) {
        copyResponse(exchange, answer, result.toString().getBytes(StandardCharsets.UTF_8));
        exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, DONE);
        DeliveryContext.of(exchange).addNote("one of " + together + " in one request");
    }

    private static void failed(Exchange exchange, Exchange answered, byte[] body) {
        copyResponse(exchange, answered.getMessage(), body);
        exchange.setException(answered.getException());
    }

    private static void copyResponse(Exchange exchange, Message answer, byte[] body) {
        exchange.getMessage().setHeaders(new java.util.HashMap<>(answer.getHeaders()));
        exchange.getMessage().setBody(new ByteArrayInputStream(body));
    }
}
