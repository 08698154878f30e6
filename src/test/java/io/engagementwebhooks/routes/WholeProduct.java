package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.query.AttemptRow;
import io.engagementwebhooks.store.query.DeliveryRow;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.testkit.ContentsquareStandIn;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.SalesforceStandIn;
import io.engagementwebhooks.testkit.SampleQuery;
import io.engagementwebhooks.testkit.StrictTokenServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;

/**
 * An account in the product of this process, on its real routes, beside a token server and the stand-ins of both third
 * parties; or its own product, where {@link #start(Path, String, String...)} or a constructor says so.
 */
final class WholeProduct implements AutoCloseable {

    static final String KEY = "a-key-of-acme-that-may-do-all";

    /** What a product of a class's own starts with; tests add accounts. */
    static final String NO_ACCOUNTS = "accounts:\n  - id: of-no-test\n";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ACCOUNT =
            """
            accounts:
              - id: acme
                apiKeys: [{name: staff, role: admin, key: %s}]
                oauthClients:
                  - {name: crm, clientId: id, clientSecret: secret, authenticationEndpoint: "%s", scope: "calls:write"}
                connections:
                  - {name: sales, type: salesforce, loginUrl: "%s", clientId: %s, clientSecret: "%s", apiVersion: "66.0", instanceSuffix: 127.0.0.1}
                  - name: insights
                    type: contentsquare
                    tokenUrl: "%s"
                    clientId: %s
                    clientSecret: %s
                    scope: enrichment
                    integrationVersion: 1
                    endpointSuffix: 127.0.0.1
                    schema: [{name: answered, type: BOOL, optional: true}, {name: call_duration, type: INT}]
                webhooks:
            """;

    final StrictTokenServer tokens = new StrictTokenServer("id", "secret", StrictTokenServer.Way.BASIC);
    final SalesforceStandIn salesforce = SalesforceStandIn.start();
    final ContentsquareStandIn contentsquare;

    /** Changes the configuration file before it is used. */
    UnaryOperator<String> change = UnaryOperator.identity();

    private final Deque<Runnable> closing = new ArrayDeque<>();
    private final Map<String, Integer> accepted = new ConcurrentHashMap<>();
    private final RunningProduct host;
    private RunningProduct product;

    WholeProduct() {
        this(null);
    }

    /** @param host whose accounts these are to be, or null: those of the product of this process */
    WholeProduct(RunningProduct host) {
        this.host = host;
        try {
            contentsquare = new ContentsquareStandIn();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        closing.push(tokens::close);
        closing.push(salesforce::close);
        closing.push(contentsquare::close);
    }

    /** Adds its account. @param webhooks their definitions, as the configuration file has them */
    RunningProduct start(String webhooks) {
        String file = change.apply(config(webhooks));
        product = host == null ? RunningProduct.shared(file) : host.with(file);
        closing.push(product::close);
        return product;
    }

    /** Starts its own product. @param webhooks their definitions, as the configuration file has them */
    RunningProduct start(Path folder, String webhooks, String... settings) {
        product = RunningProduct.start(folder, change.apply(config(webhooks)), settings);
        closing.push(product::close);
        return product;
    }

    /** The configuration file with these webhooks. */
    String config(String webhooks) {
        String tokenServer = tokens.url().toString().replace("/oauth2/token", "");
        return ACCOUNT.formatted(
                        KEY,
                        tokenServer,
                        salesforce.url(),
                        SalesforceStandIn.CLIENT_ID,
                        SalesforceStandIn.CLIENT_SECRET,
                        contentsquare.tokenUrl(),
                        ContentsquareStandIn.CLIENT_ID,
                        ContentsquareStandIn.CLIENT_SECRET)
                + webhooks.indent(6);
    }

    /** A webhook to a URL, for every event. @param more further members of its delivery, in flow style */
    static String webhook(String name, URI url, String more) {
        return "- {name: %s, events: ['*'], retry: [100ms, 100ms, 100ms], delivery: {url: \"%s\", %s}}\n"
                .formatted(name, url, more);
    }

    static String toSalesforce(String name) {
        return ("- {name: %s, events: ['*'], retry: [100ms, 100ms, 100ms],"
                        + " delivery: {authentication: {type: salesforce, connection: sales},"
                        + " salesforce: {operation: upsert, object: Task, externalId: Call_Id__c,"
                        + " externalIdValue: \"{cdr_id}\", fields: {CallDurationInSeconds: \"{duration}\"}}}}\n")
                .formatted(name);
    }

    static String toContentsquare(String name) {
        return ("- {name: %s, events: ['*'], retry: [100ms, 100ms, 100ms],"
                        + " delivery: {authentication: {type: contentsquare, connection: insights},"
                        + " contentsquare: {fields: {answered: \"{answered}\","
                        + " call_duration: {jq: \".data.duration * 1000\"}}}}}\n")
                .formatted(name);
    }

    /** A call that has ended, as the platform sends it, in whatever account it is sent to. */
    static String callEnded(String id) {
        return callEnded(id, event -> {});
    }

    static String callEnded(String id, Consumer<ObjectNode> change) {
        try {
            ObjectNode event =
                    (ObjectNode) JSON.readTree(Files.readString(Path.of("src/test/resources/events/call-ended.json")));
            event.remove("account");
            change.accept(event.put("id", id));
            return event.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new AssertionError("not JSON: " + text, e);
        }
    }

    /** Sends an event, which must be accepted. @return how many deliveries it makes */
    int accept(String event) {
        HttpResponse<String> answer = product.post("/v1/events", KEY, "application/cloudevents+json", event);
        assertEquals(202, answer.statusCode(), answer.body());
        JsonNode said = RunningProduct.json(answer);
        int deliveries = said.get("deliveries").asInt();
        accepted.put(said.get("id").asText(), deliveries);
        return deliveries;
    }

    List<DeliveryRow> deliveries(String event) {
        return store().deliveries()
                .deliveries(SampleQuery.of(product.account("acme"), null, event, null, null, null, null, 200));
    }

    DeliveryRow delivery(String event, String webhook) {
        return deliveries(event).stream()
                .filter(row -> row.webhook().name().equals(webhook))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no delivery of " + event + " for " + webhook));
    }

    List<AttemptRow> attempts(String event, String webhook) {
        return store().deliveries()
                .attempts(product.account("acme"), delivery(event, webhook).id());
    }

    /** Waits until all deliveries of an event are in a state: one at least, and as many as its sender was notified of. */
    void await(String event, DeliveryState state) {
        int reported = accepted.getOrDefault(event, 1);
        assertTrue(reported > 0, () -> event + " made no delivery");
        await(() -> {
            List<DeliveryRow> rows = deliveries(event);
            return rows.size() >= reported && rows.stream().allMatch(row -> row.state() == state);
        });
    }

    /** Waits until the delivery of an event for a webhook is in a state. */
    void await(String event, String webhook, DeliveryState state) {
        await(() -> delivery(event, webhook).state() == state);
    }

    static void await(Callable<Boolean> condition) {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(20))
                .ignoreExceptions()
                .until(condition);
    }

    private Store store() {
        return product.part("store", Store.class);
    }

    @Override
    public void close() {
        while (!closing.isEmpty()) {
            closing.pop().run();
        }
    }
}
