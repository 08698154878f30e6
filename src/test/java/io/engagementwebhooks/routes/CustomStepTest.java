package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.Receiver.Got;
import io.engagementwebhooks.testkit.Receiver.Reply;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.camel.component.resilience4j.ResilienceProcessor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code examples/custom-step}: steps of a user's own before events are read and stored, and before one is sent, in a product with
 * its routes.
 */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CustomStepTest {

    private static final Path EXAMPLE = Path.of("examples/custom-step");
    private static final JsonMapper JSON = new JsonMapper();
    private static final String KEY = "a-key-of-acme-that-may-do-all";

    private final AtomicInteger status = new AtomicInteger();

    @AutoClose
    private final Receiver partner = new Receiver(got -> new Reply(204));

    @AutoClose
    private final Receiver customers = new Receiver(this::customer);

    private volatile CountDownLatch slow = new CountDownLatch(0);

    @AutoClose
    private RunningProduct host;

    private RunningProduct product;

    private volatile String onDuty = "";

    private Reply customer(Got got) {
        Patience.await(slow);
        if (got.target().getPath().equals("/duty")) {
            return new Reply(status.get(), Map.of("X-Of-The-Service", "1"), onDuty);
        }
        return new Reply(
                got.target().getPath().equals("/customers/4711") && got.body().isEmpty() ? status.get() : 404,
                Map.of("Content-Type", "application/json", "X-Of-The-Service", "1"),
                "{\"segment\": \"gold\"}");
    }

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        copy(Path.of("routes"), folder);
        copy(EXAMPLE.resolve("routes"), folder);
        copy(EXAMPLE.resolve("kamelet-catalog"), folder);
        // so that the breaker stays open however long a test takes
        Path steps = folder.resolve("routes/12-clean-events.camel.yaml");
        String closedAfter = "waitDurationInOpenState: 10";
        String text = Files.readString(steps);
        assertTrue(text.contains(closedAfter));
        Files.writeString(steps, text.replace(closedAfter, "waitDurationInOpenState: 3600"));
        host = RunningProduct.start(
                folder,
                WholeProduct.NO_ACCOUNTS,
                "my.customer-service=" + customers.url().resolve("/").toString().replaceFirst("/$", ""),
                "camel.component.kamelet.location=file:" + folder.resolve("kamelet-catalog"));
    }

    @BeforeEach
    void addAccount() throws IOException {
        status.set(200);
        partner.requests().clear();
        customers.requests().clear();
        ResilienceProcessor breaker = host.camel().getProcessor("ask-customer-service", ResilienceProcessor.class);
        breaker.transitionToCloseState();
        product = host.with(Files.readString(EXAMPLE.resolve("webhooks.yaml"))
                .replace("{{env:ACME_KEY}}", KEY)
                .replace("{{env:ACME_SIGNING_SECRET}}", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3")
                .replace("{{env:PARTNER_URL}}", partner.url().toString())
                .replace("{{env:PARTNER_PASSWORD}}", "theirs"));
    }

    @AfterEach
    void closeAccount() {
        slow.countDown();
        product.close();
    }

    private static void copy(Path from, Path folder) throws IOException {
        Path to = Files.createDirectories(folder.resolve(from.getFileName()));
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.writeString(to.resolve(file.getFileName()), Files.readString(file));
            }
        }
    }

    private HttpResponse<String> send(String id, boolean test) {
        return product.post("/v1/events", KEY, "application/cloudevents+json", call(id, test));
    }

    private static String call(String id, boolean test) {
        return WholeProduct.callEnded(id, event -> ((ObjectNode) event.get("data"))
                .put("test", test)
                .put("value", new java.math.BigDecimal("1250.123456789012345678901234567890")));
    }

    private JsonNode received(String id) {
        product.awaitDeliveries(KEY, id, 1, "delivered");
        return partner.requests().stream()
                .map(got -> WholeProduct.json(got.body()))
                .filter(event -> event.get("id").asText().equals(id))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void a_field_is_masked_and_the_customer_added_and_the_rest_is_as_it_was() throws Exception {
        assertEquals("{\"id\":\"e1\",\"deliveries\":1}", send("e1", false).body());

        JsonNode event = received("e1");
        assertEquals("***", event.at("/data/anum").asText());
        assertEquals("gold", event.at("/data/customer/segment").asText());
        JsonNode sent = WholeProduct.json(call("e1", false));
        ((ObjectNode) sent.get("data")).put("anum", "***");
        ((ObjectNode) sent.get("data")).putObject("customer").put("segment", "gold");
        assertEquals(sent, event);
        assertTrue(partner.requests().get(0).body().contains("1250.123456789012345678901234567890"));
        assertEquals(null, partner.requests().get(0).header("X-Of-The-Service"));
    }

    private Got missed(String id) {
        product.postEvent(KEY, "{\"id\":\"" + id + "\",\"source\":\"/calls\",\"type\":\"call.missed\"}");
        JsonNode delivery = product.awaitDeliveries(KEY, id, 1, "delivered").get(0);
        assertEquals(1, delivery.get("attemptCount").asInt());
        return partner.requests().get(partner.requests().size() - 1);
    }

    @Test
    void a_missed_call_is_sent_with_who_is_on_duty_at_that_time() {
        onDuty = "agent-1";
        Got first = missed("m1");
        onDuty = "agent-2";
        Got second = missed("m2");

        assertEquals("agent-1", first.header("X-On-Duty"));
        assertEquals("agent-2", second.header("X-On-Duty"));
        assertEquals(null, second.header("X-Of-The-Service"));
        for (Got asked : customers.requests()) {
            assertEquals("GET", asked.method());
            assertEquals(null, asked.header("Authorization"), "the credential is the partner's");
        }
    }

    @Test
    void a_missed_call_is_sent_without_the_header_if_the_service_fails() {
        status.set(500);

        Got sent = missed("m1");

        assertEquals(null, sent.header("X-On-Duty"));
        assertEquals("Basic YWNtZTp0aGVpcnM=", sent.header("Authorization"));
        assertEquals(1, customers.requests().size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Jörg", "agent-1\nX-Admin: 1", "", " "})
    void a_missed_call_is_sent_without_a_text_that_is_no_header(String text) {
        onDuty = text;
        assertEquals(null, missed("m1").header("X-On-Duty"));
    }

    @Test
    void a_missed_call_is_sent_without_the_header_if_the_service_hangs() {
        slow = new CountDownLatch(1);
        assertEquals(null, missed("m1").header("X-On-Duty"));
        assertEquals(1, customers.requests().size());
    }

    @Test
    void a_test_call_is_accepted_and_goes_nowhere() throws Exception {
        HttpResponse<String> answer = send("t1", true);

        assertEquals(202, answer.statusCode());
        assertEquals("{\"id\":\"t1\",\"deliveries\":0}", answer.body());
        assertEquals(
                "application/json", answer.headers().firstValue("Content-Type").orElse(""));
        assertEquals(
                0, product.read("/v1/deliveries?event=t1", KEY).get("items").size());
        assertEquals(0, customers.requests().size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\"b", "a\\b", "'", "${body}", "null", "\u00e4\n", ",\"deliveries\":7"})
    void an_id_of_any_characters_is_answered_as_json(String id) throws Exception {
        HttpResponse<String> answer = send(id, true);

        assertEquals(202, answer.statusCode(), answer.body());
        assertEquals(JSON.createObjectNode().put("id", id).put("deliveries", 0), WholeProduct.json(answer.body()));
    }

    @Test
    void what_is_done_to_one_event_is_done_to_each_of_a_batch_and_none_of_it_is_dropped() throws Exception {
        String bare = "{\"specversion\":\"1.0\",\"id\":\"b3\",\"source\":\"/calls\",\"type\":\"call.ended\"}";

        HttpResponse<String> answer = product.post(
                "/v1/events",
                KEY,
                "application/cloudevents-batch+json",
                "[" + call("b1", false) + "," + call("b2", true) + "," + bare + "]");

        assertEquals(202, answer.statusCode(), answer.body());
        for (String id : List.of("b1", "b2")) {
            assertEquals("***", received(id).at("/data/anum").asText());
            assertEquals("gold", received(id).at("/data/customer/segment").asText());
        }
        assertFalse(received("b3").path("data").has("customer"));
        assertEquals(2, customers.requests().size());
    }

    @Test
    void a_batch_of_what_is_no_event_is_the_senders_fault() throws Exception {
        HttpResponse<String> answer =
                product.post("/v1/events", KEY, "application/cloudevents-batch+json", "[1, \"x\", null]");
        assertEquals(400, answer.statusCode(), answer.body());
    }

    @Test
    void an_event_in_binary_mode_or_without_data_passes_as_it_is() throws Exception {
        HttpResponse<String> binary = product.send(product.request("/v1/events", KEY)
                .header("Content-Type", "application/json")
                .header("ce-specversion", "1.0")
                .header("ce-id", "n1")
                .header("ce-source", "/calls")
                .header("ce-type", "call.ended")
                .POST(HttpRequest.BodyPublishers.ofString("{\"anum\":\"+4670123456\",\"customer_id\":4711}"))
                .build());
        HttpResponse<String> bare = product.post(
                "/v1/events", KEY, "application/json", "{\"id\":\"n2\",\"source\":\"/calls\",\"type\":\"call.ended\"}");

        assertEquals(202, binary.statusCode(), binary.body());
        assertEquals("+4670123456", received("n1").at("/data/anum").asText());
        assertEquals(202, bare.statusCode(), bare.body());
        assertFalse(received("n2").path("data").has("customer"));
    }

    @Test
    void an_id_that_could_lead_elsewhere_in_the_service_is_not_asked_for() throws Exception {
        List<String> ids = List.of("../admin/4711", "..", "4711?all=true", "4711%2F..", "4711#", "");

        for (String id : ids) {
            String event = WholeProduct.callEnded(
                    "i" + ids.indexOf(id), each -> ((ObjectNode) each.get("data")).put("customer_id", id));
            assertEquals(
                    202,
                    product.post("/v1/events", KEY, "application/cloudevents+json", event)
                            .statusCode());
            assertFalse(received("i" + ids.indexOf(id)).get("data").has("customer"));
        }

        assertEquals(List.of(), customers.requests());
        send("e1", false);
        assertEquals("gold", received("e1").at("/data/customer/segment").asText());
    }

    @Test
    void a_service_that_fails_costs_the_addition_and_is_left_alone_after_some_failures() throws Exception {
        status.set(500);

        for (int i = 0; i < 8; i++) {
            assertEquals(202, send("f" + i, false).statusCode());
            assertFalse(received("f" + i).get("data").has("customer"));
        }

        assertEquals(5, customers.requests().size(), "the breaker is open after five");
    }

    @Test
    void a_service_that_says_nothing_costs_the_addition_alone() throws Exception {
        slow = new CountDownLatch(1);

        assertEquals(202, send("s1", false).statusCode());
        assertFalse(received("s1").get("data").has("customer"));
        assertEquals(1, customers.requests().size());
        assertEquals(1, slow.getCount(), "it has not answered yet");
    }

    @Test
    void what_is_no_json_is_reported_as_a_problem_and_stored_nowhere() throws Exception {
        HttpResponse<String> answer = product.post("/v1/events", KEY, "application/json", "{");

        assertEquals(
                "application/problem+json",
                answer.headers().firstValue("Content-Type").orElse(""));
        assertEquals(500, answer.statusCode(), "steps of one's own that fail, fail the request");
        assertEquals(0, product.read("/v1/deliveries", KEY).get("items").size());
        assertEquals(0, customers.requests().size());
    }

    @Test
    void its_ingest_route_is_the_products_own_with_one_step_more() throws IOException {
        String theirs = Files.readString(EXAMPLE.resolve("routes/10-ingest.camel.yaml"));
        String step =
                """
                        - to:
                            id: to-clean-events
                            description: Our own steps, in 12-clean-events. What they make of the body is
                              what is read and stored.
                            uri: direct:clean-events
                """;
        assertTrue(theirs.contains(step));
        assertEquals(Files.readString(Path.of("routes/10-ingest.camel.yaml")), theirs.replace(step, ""));
    }
}
