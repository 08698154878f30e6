package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.standardwebhooks.Webhook;
import io.engagementwebhooks.deliver.judge.NotDeliveredException;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.testkit.KafkaBroker;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.Receiver.Reply;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.builder.ExchangeBuilder;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each Kamelet of the catalogue runs from a {@code Pipe}, beside the product's own routes, against real parts. */
@Timeout(300)
class PipesTest {

    private static final Path PIPES = Path.of("src/test/resources/pipes");
    private static final String SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    private static final String KEYS = "\n    signingKeys: [{id: k1, secret: \"" + SECRET + "\"}]\n    oauthClients:";

    /** It may send and nothing else. */
    private static final String INGEST_KEY = "a-key-of-acme-that-may-send";

    @TempDir
    static Path folder;

    @AutoClose
    private static WholeProduct whole;

    @AutoClose
    private static Receiver partner;

    @AutoClose
    private static Receiver guarded;

    private static final KafkaBroker BROKER = KafkaBroker.shared();
    /** Their names stand in the pipe, where Camel resolves no placeholder in them. */
    private static final String TOPIC = "pipe-calls";

    private static final String DEAD_LETTERS = "pipe-dead";

    private static RunningProduct product;

    @BeforeAll
    static void start() throws Exception {
        whole = new WholeProduct();
        partner = new Receiver(got -> new Reply(got.body().contains("\"gone\"") ? 503 : 200));
        guarded = new Receiver(got ->
                new Reply(whole.tokens.knows(got.header("Authorization").substring("Bearer ".length())) ? 200 : 401));
        BROKER.makeTopic(TOPIC, 1);
        BROKER.makeTopic(DEAD_LETTERS, 1);
        whole.change = config -> config.replace("\n    oauthClients:", KEYS)
                .replace("apiKeys: [", "apiKeys: [{name: partner, role: ingest, key: " + INGEST_KEY + "}, ");
        product = whole.start(
                folder.resolve("product"),
                WholeProduct.webhook("header", partner.url(), "authentication: {type: header, user: u, password: p}")
                        + WholeProduct.webhook("oauth2", guarded.url(), "authentication: {type: oauth2, client: crm}")
                        + WholeProduct.toSalesforce("tasks")
                        + WholeProduct.toContentsquare("sessions"),
                "webhooks.kafka.topics=" + TOPIC + "=acme",
                "test.brokers=" + BROKER.brokers());
        for (Path pipe : pipes()) {
            PluginHelper.getRoutesLoader(product.camel())
                    .loadRoutes(ResourceHelper.fromBytes(pipe.getFileName().toString(), Files.readAllBytes(pipe)));
        }
    }

    private static List<Path> pipes() {
        try (Stream<Path> files = Files.list(PIPES)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Exchange send(String uri, Object body) {
        Exchange exchange =
                ExchangeBuilder.anExchange(product.camel()).withBody(body).build();
        return product.camel().createProducerTemplate().send(uri, exchange);
    }

    private static Receiver.Got received(Receiver receiver, String event) {
        return receiver.requests().stream()
                .filter(got -> got.body().contains("\"" + event + "\""))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void every_kamelet_of_the_catalogue_is_in_a_pipe() throws IOException {
        Set<String> used = new TreeSet<>();
        for (Path pipe : pipes()) {
            JsonNode spec = RouteFile.read(pipe).content().get("spec");
            spec.findValues("ref").forEach(ref -> used.add(ref.get("name").asText()));
        }
        try (Stream<Path> files = Files.list(Path.of("kamelet-catalog"))) {
            assertEquals(
                    files.map(file -> file.getFileName().toString().replace(".kamelet.yaml", ""))
                            .sorted()
                            .toList(),
                    List.copyOf(used));
        }
    }

    @Test
    void events_come_in_over_http_are_joined_with_webhooks_and_stored_before_the_answer() {
        String event = WholeProduct.callEnded("by-pipe");

        HttpResponse<String> answer =
                product.post("/v1/partner-events", INGEST_KEY, "application/cloudevents+json", event);

        assertEquals(202, answer.statusCode(), answer.body());
        assertEquals("{\"id\":\"by-pipe\",\"deliveries\":4}", answer.body());
        product.awaitDeliveries(WholeProduct.KEY, "by-pipe", 4, "delivered");
    }

    @Test
    void what_is_wrong_with_a_request_is_reported_as_a_problem_there_too() {
        HttpResponse<String> noKey = product.post("/v1/partner-events", null, "application/json", "{}");
        HttpResponse<String> noJson = product.post("/v1/partner-events", WholeProduct.KEY, "application/json", "{");

        assertEquals(401, noKey.statusCode());
        assertEquals(400, noJson.statusCode());
        assertTrue(noJson.body().contains("urn:engagement-webhooks:problem:not-json"), noJson.body());
    }

    @Test
    void events_come_in_from_kafka_and_what_is_none_goes_to_the_dead_letters() {
        BROKER.send(TOPIC, null, "no event");
        BROKER.send(TOPIC, null, WholeProduct.callEnded("by-kafka"));

        product.awaitDeliveries(WholeProduct.KEY, "by-kafka", 4, "delivered");
        WholeProduct.await(() -> BROKER.all(DEAD_LETTERS).size() == 1 && BROKER.committed("of-a-pipe", TOPIC) == 2);
    }

    @Test
    void an_event_of_a_source_without_a_key_is_stored_for_the_account_that_is_named() {
        assertNull(send("direct:to-outbox", WholeProduct.callEnded("by-source")).getException());
        assertNull(send("direct:to-outbox", WholeProduct.callEnded("by-source")).getException(), "the same again");

        product.awaitDeliveries(WholeProduct.KEY, "by-source", 4, "delivered");
    }

    @Test
    void what_cannot_be_stored_is_reported_to_the_source() {
        assertEquals(
                "account 'nosuch' is not configured; name the id of an account of the configuration file",
                send("kamelet:engagement-event-sink?account=nosuch", "{}")
                        .getException()
                        .getMessage());
        assertEquals(
                "a body of java.lang.Object cannot be read as an event; marshal it to JSON in a step before",
                send("direct:to-outbox", new Object()).getException().getMessage());
        assertTrue(
                send("direct:to-outbox", "no event").getException().getMessage().contains("JSON"));
    }

    @Test
    void an_event_is_sent_with_the_authorization_header_of_the_webhook_that_is_named() {
        Exchange sent = send("direct:to-header", WholeProduct.callEnded("to-header"));

        assertNull(sent.getException());
        assertEquals(
                "to-header",
                assertInstanceOf(Event.class, sent.getMessage().getBody()).id());
        assertEquals("Basic dTpw", received(partner, "to-header").header("Authorization"));
    }

    @Test
    void a_receiver_that_does_not_take_it_is_reported_to_the_sender() {
        Exchange sent = send("direct:to-header", WholeProduct.callEnded("gone"));

        NotDeliveredException failure = assertInstanceOf(NotDeliveredException.class, sent.getException());
        assertTrue(failure.getMessage().startsWith("webhook 'header' of account 'acme': The receiver answered 503"));
        assertInstanceOf(Outcome.TryLater.class, failure.outcome());
        assertEquals(
                List.of(),
                product.read("/v1/deliveries?event=gone", WholeProduct.KEY)
                        .get("items")
                        .findValues("id"));
    }

    @Test
    void an_event_is_sent_with_a_token_and_a_refused_token_is_renewed() {
        assertNull(
                send("direct:to-oauth2", WholeProduct.callEnded("with-token")).getException());
        whole.tokens.revokeAll();
        assertNull(
                send("direct:to-oauth2", WholeProduct.callEnded("with-another")).getException());

        assertTrue(received(guarded, "with-token").header("Authorization").startsWith("Bearer "));
    }

    @Test
    void a_call_becomes_a_record_in_salesforce() {
        assertNull(send("direct:to-tasks", call("to-tasks", 4711)).getException());

        assertTrue(whole.salesforce.records().stream()
                .anyMatch(record -> record.fields().path("Call_Id__c").asText().equals("4711")));
    }

    @Test
    void a_call_enriches_the_session_in_contentsquare() {
        int before = whole.contentsquare.acceptedBatches();

        assertNull(send("direct:to-sessions", call("to-sessions", 4712)).getException());

        assertTrue(whole.contentsquare.acceptedBatches() > before);
    }

    @Test
    void a_message_is_signed_by_the_keys_of_a_webhook_and_only_those_headers_stay() throws Exception {
        MockEndpoint signed = product.camel().getEndpoint("mock:signed", MockEndpoint.class);
        Exchange exchange = ExchangeBuilder.anExchange(product.camel())
                .withBody("{\"a\":1}")
                .withHeader("webhook-id", "msg_mine")
                .withHeader("Authorization", "Bearer other")
                .build();

        assertNull(product.camel()
                .createProducerTemplate()
                .send("direct:to-sign", exchange)
                .getException());

        Map<String, Object> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.putAll(signed.getReceivedExchanges().get(0).getMessage().getHeaders());
        assertEquals(
                Set.of("content-type", "webhook-id", "webhook-signature", "webhook-timestamp"),
                new TreeSet<>(headers.keySet().stream().map(String::toLowerCase).toList()));
        assertEquals("msg_mine", headers.get("webhook-id"));
        Map<String, List<String>> reported = new TreeMap<>();
        headers.forEach((name, value) -> reported.put(name, List.of(value.toString())));
        new Webhook(SECRET).verify("{\"a\":1}", HttpHeaders.of(reported, (name, value) -> true));
    }

    @Test
    void a_webhook_that_is_not_there_or_of_another_account_sends_nothing() {
        Exchange unnamed = send("kamelet:oauth2-sink", "{}");
        Exchange unknown = send("kamelet:oauth2-sink?account=acme&webhook=nosuch", "{}");
        Exchange unclear = send("kamelet:oauth2-sink?webhook=nosuch", "{}");

        assertTrue(unnamed.getException().getMessage().startsWith("the message is no delivery"), unnamed::toString);
        assertEquals(
                "no webhook 'nosuch' of account 'acme' is defined",
                unknown.getException().getMessage());
        assertEquals(
                "'/nosuch' names no webhook: give 'account' and 'webhook'",
                unclear.getException().getMessage());
    }

    private static String call(String id, int call) {
        return WholeProduct.callEnded(
                id, event -> ((com.fasterxml.jackson.databind.node.ObjectNode) event.get("data")).put("cdr_id", call));
    }
}
