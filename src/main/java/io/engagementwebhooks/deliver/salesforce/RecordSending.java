package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.deliver.Answer;
import io.engagementwebhooks.deliver.AttemptTracing;
import io.engagementwebhooks.deliver.BatchSending;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.NothingSentException;
import io.engagementwebhooks.deliver.SendingRoute;
import io.engagementwebhooks.deliver.Timing;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.ledger.BudgetExceededException;
import io.engagementwebhooks.ledger.Reservation;
import io.engagementwebhooks.webhook.Authentication;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.Target;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
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
 * Writes records of one org and object, platform events too, in one request, by the route from {@code direct:write-records}; a single one, and
 * whatever else a webhook sends, by itself. Each record has its own result. A request that is refused as a whole for
 * its content is sent again in halves, until the bad record alone has failed; nothing was written then. Each attempt has the
 * time of the whole calls that it was a part of. Thread-safe.
 *
 * @see <a href="https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections.htm">sObject
 *     Collections</a>
 */
public final class RecordSending implements BatchSending {

    /** Whether the whole request was refused, for its content or size. */
    private static final Set<Integer> THE_CONTENT = Set.of(400, 404, 413);

    private static final int DONE = 200;

    private static final Duration MEMORY_RETRY = Duration.ofSeconds(1);

    private final CamelContext context;
    private final AttemptTracing tracing;
    private final SendingRoute route;
    private final InFlightCalls calls;
    private final SalesforceOrgs orgs;

    /** @param tracing of which trace a request is a part */
    public RecordSending(CamelContext context, AttemptTracing tracing, SalesforceOrgs orgs) {
        this.context = context;
        this.calls = orgs.calls();
        this.orgs = orgs;
        this.tracing = tracing;
        this.route = new SendingRoute(context, "write-records", "records cannot be written");
    }

    /** What records must have in common; the org's scheme includes its login. */
    private record Key(String org, Target.Salesforce.Operation operation, String object, String idField, Object time) {}

    @Override
    public Terms terms(Exchange exchange) {
        OrgWrite write = OrgWrite.of(exchange);
        if (write.kind() != OrgWrite.Kind.RECORD) {
            return new Terms("", 1, Duration.ZERO);
        }
        PlannedRecord record = write.records().get(0);
        SalesforceConnection.Batch batch = connection(exchange).batch();
        Key key = new Key(
                exchange.getProperty(ChooseOrg.ORG, String.class),
                record.operation(),
                record.object(),
                record.idField(),
                exchange.getMessage().getHeader(OrgRequest.TIMEOUT_HEADER));
        return new Terms(key, batch.size(), batch.most());
    }

    private static SalesforceConnection connection(Exchange exchange) {
        return ((Authentication.Salesforce)
                        DeliveryContext.delivery(exchange).webhook().delivery().authentication())
                .connection();
    }

    @Override
    public CompletionStage<Void> send(List<Exchange> together) {
        Reservation memory;
        try {
            memory = orgs.ledger()
                    .of(DeliveryContext.delivery(together.get(0)).webhook().account())
                    .reserve(Answer.READ_BYTES);
        } catch (BudgetExceededException e) {
            return CompletableFuture.failedFuture(new NothingSentException(
                    "Answers to other deliveries of this account take all of its memory",
                    orgs.clock().instant().plus(MEMORY_RETRY)));
        }
        return sent(together, memory).whenComplete((done, failure) -> memory.close());
    }

    private CompletionStage<Void> sent(List<Exchange> together, Reservation memory) {
        if (together.size() == 1) {
            return alone(together.get(0), memory);
        }
        Exchange collection = collection(together);
        together.forEach(exchange -> showPart(exchange, collection.getMessage()));
        Timing timing = Timing.of(
                together.stream().map(each -> DeliveryContext.of(each).timing()).toList());
        return through(collection, InFlightCalls.Call.measuredBy(timing, memory))
                .thenCompose(answered -> settle(together, answered));
    }

    private CompletionStage<Void> alone(Exchange exchange, Reservation memory) {
        OrgWrite write = OrgWrite.of(exchange);
        if (write.kind() == OrgWrite.Kind.OWN) {
            // reported where it is made
            return aloneBy(
                    exchange, InFlightCalls.Call.of(DeliveryContext.of(exchange).request(), memory));
        }
        ObjectNode fitted = exchange.getProperty(OrgWrite.FITTED, ObjectNode.class);
        String version = connection(exchange).apiVersion();
        DeliveryContext context = DeliveryContext.of(exchange);
        Timing timing = context.timing();
        context.request(ShownWrite.alone(write, fitted, version, instance(exchange), timing));
        return aloneBy(exchange, InFlightCalls.Call.measuredBy(timing, memory));
    }

    private CompletionStage<Void> aloneBy(Exchange exchange, InFlightCalls.Call call) {
        return through(traced(exchange), call).thenApply(answered -> null);
    }

    private CompletionStage<Exchange> through(Exchange exchange, InFlightCalls.Call call) {
        return calls.make(call, exchange, () -> route.through(exchange));
    }

    /** Of a request for several deliveries each is shown its own part. */
    private void showPart(Exchange exchange, Message collection) {
        DeliveryContext context = DeliveryContext.of(exchange);
        context.request(ShownWrite.request(
                instance(exchange),
                collection.getHeader(SalesforceEndpointConfig.RAW_PATH, String.class),
                collection.getHeader(SalesforceEndpointConfig.RAW_METHOD, String.class),
                body(List.of(exchange)),
                context.timing()));
    }

    private String instance(Exchange exchange) {
        return ShownWrite.instance(context, exchange.getProperty(ChooseOrg.ORG, String.class));
    }

    /** A request for several deliveries belongs to no single trace, and carries none. */
    private Exchange traced(Exchange alone) {
        tracing.begin(alone).ifPresent(step -> alone.getMessage().setHeader(OrgRequest.TRACE_HEADER, step.toString()));
        return alone;
    }

    private Exchange collection(List<Exchange> together) {
        Exchange first = together.get(0);
        PlannedRecord record = OrgWrite.of(first).records().get(0);
        Exchange collection = new DefaultExchange(context);
        // whose threads the call has, should it block
        DeliveryContext.put(collection, DeliveryContext.delivery(first));
        collection.setProperty(ChooseOrg.ORG, first.getProperty(ChooseOrg.ORG));
        collection.setProperty(SalesforceRecord.OPERATION, "raw");
        String path = "/services/data/v" + connection(first).apiVersion() + "/composite/sobjects";
        Message message = collection.getMessage();
        message.setHeader(SalesforceEndpointConfig.RAW_METHOD, record.isUpsert() ? "PATCH" : "POST");
        message.setHeader(
                SalesforceEndpointConfig.RAW_PATH,
                record.isUpsert() ? path + "/" + record.object() + "/" + record.idField() : path);
        message.setHeader(OrgRequest.TIMEOUT_HEADER, first.getMessage().getHeader(OrgRequest.TIMEOUT_HEADER));
        message.setBody(body(together).toString());
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

    private CompletionStage<Void> settle(List<Exchange> together, Exchange answered) {
        byte[] body = body(answered.getMessage());
        if (answered.getException() == null) {
            JsonNode results = results(body, together.size());
            for (int i = 0; i < together.size(); i++) {
                took(together.get(i), answered.getMessage(), results.path(i), together.size());
            }
            return CompletableFuture.completedFuture(null);
        }
        if (answered.getException() instanceof SalesforceException refused
                && THE_CONTENT.contains(refused.getStatusCode())) {
            int half = together.size() / 2;
            return CompletableFuture.allOf(
                    send(together.subList(0, half)).toCompletableFuture(),
                    send(together.subList(half, together.size())).toCompletableFuture());
        }
        together.forEach(exchange -> failed(exchange, answered, body));
        return CompletableFuture.completedFuture(null);
    }

    /** One result per record, in their order; anything else says nothing about any of them. */
    private static JsonNode results(byte[] body, int records) {
        try {
            JsonNode results = EventJson.answers().readTree(body);
            return results.isArray() && results.size() == records ? results : JsonNodeFactory.instance.arrayNode();
        } catch (IOException e) {
            return JsonNodeFactory.instance.arrayNode();
        }
    }

    private static void took(Exchange exchange, Message answer, JsonNode result, int together) {
        answerLike(exchange, answer, result.toString().getBytes(StandardCharsets.UTF_8));
        exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, DONE);
        DeliveryContext.of(exchange).addNote("one of " + together + " in one request");
    }

    private static void failed(Exchange exchange, Exchange answered, byte[] body) {
        answerLike(exchange, answered.getMessage(), body);
        exchange.setException(answered.getException());
    }

    private static void answerLike(Exchange exchange, Message answer, byte[] body) {
        exchange.getMessage().setHeaders(new java.util.HashMap<>(answer.getHeaders()));
        exchange.getMessage().setBody(new ByteArrayInputStream(body));
    }

    private static byte[] body(Message message) {
        if (!(message.getBody() instanceof InputStream stream)) {
            return new byte[0];
        }
        try (stream) {
            return stream.readAllBytes();
        } catch (IOException e) {
            return new byte[0];
        }
    }
}
