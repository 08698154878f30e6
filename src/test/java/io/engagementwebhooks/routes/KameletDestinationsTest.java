package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.icegreen.greenmail.configuration.GreenMailConfiguration;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.engagementwebhooks.testkit.KafkaBroker;
import io.engagementwebhooks.testkit.Postgres;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Webhooks that send to Kamelets, against real parts (semantics 50). A separate product: its settings name the Kamelets. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KameletDestinationsTest {

    private static final String KEY = "acme-admin-key-of-kamelets";
    private static final String OTHER_KEY = "beta-admin-key-of-kamelets";
    private static final String PASSWORD = "p%25&q=w+x{}#2-of-the-operator";
    private static final String OWN_PASSWORD = "a%2Fb&c=d+e%";
    private static final String WRONG_PASSWORD = "a-password-of-another-server";
    private static final int SILENT = 6;
    private static final KafkaBroker BROKER = KafkaBroker.shared();
    private static final String TOPIC = BROKER.newTopic(1);
    private static final String TABLE = "CREATE TABLE calls (event text, call int, minutes numeric)";

    private final Queue<Receiver.Reply> replies = new ConcurrentLinkedQueue<>();
    private final CountDownLatch silence = new CountDownLatch(1);

    /** It says nothing about some events while the tests run. */
    @AutoClose
    private final Receiver receiver = new Receiver(this::reply);

    private final GreenMail mail = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP))
            .withConfiguration(GreenMailConfiguration.aConfig().withUser("u@example.com", "u", OWN_PASSWORD));
    private String database;
    private RunningProduct product;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        mail.start();
        database = Postgres.emptyDatabase();
        try (Connection connection = Postgres.connect(database)) {
            connection.createStatement().execute(TABLE);
        }
        kamelet(
                folder.resolve("kamelet-catalog"),
                "post-sink",
                "user: {type: string}, password: {type: string, format: password}, to: {type: string}",
                """
                - removeHeaders: {pattern: "*"}
                - to:
                    uri: "smtp:127.0.0.1:%d"
                    parameters: {username: "{{user}}", password: "{{password}}", to: "{{to}}", from: webhooks@example.com, subject: Call}
                """
                        .formatted(mail.getSmtp().getPort()));
        kamelet(folder.resolve("lib"), "hang-sink", "", "- delay: {constant: 600000}");
        kamelet(folder.resolve("lib"), "broken-sink", "", "- to: {uri: 'log:x', parameters: {noSuchOption: 1}}");
        URI server = URI.create(database.substring("jdbc:".length()));
        product = RunningProduct.start(
                folder,
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: anna, role: admin, key: %s}]
                    webhooks:
                      - {name: to-kafka, events: [to.kafka], delivery: {kamelet: {name: kafka-sink, properties: {topic: %s}}}}
                      - {name: to-table, events: [to.table], delivery: {bodyJq: '{event: .id, call: .data.cdr_id, minutes: 1.5}', kamelet: {name: postgresql-sink}}}
                      - {name: to-http, events: [to.http], retry: [100ms], delivery: {kamelet: {name: http-sink}}}
                      - {name: to-post, events: [to.post], delivery: {kamelet: {name: post-sink, properties: {user: u, to: agent@example.com, password: '%s'}}}}
                      - {name: wrong, events: [to.wrong], delivery: {kamelet: {name: post-sink, properties: {user: u, to: agent@example.com, password: '%s'}}}}
                      - {name: silent, events: [to.silent], retry: [1h], delivery: {timeout: 300ms, kamelet: {name: http-sink}}}
                      - {name: in-order, events: [to.fifo], retry: [100ms], delivery: {bodyJq: '.id', fifo: {key: subject}, kamelet: {name: http-sink}}}
                      - {name: hangs, events: [to.hang], retry: [1h], delivery: {timeout: 300ms, kamelet: {name: hang-sink}}}
                      - {name: broken, events: [to.broken], delivery: {kamelet: {name: broken-sink}}}
                      - {name: closed, events: [to.closed], delivery: {kamelet: {name: http-sink, properties: {url: 'http://127.0.0.1/'}}}}
                  - id: beta
                    apiKeys: [{name: bea, role: admin, key: %s}]
                    webhooks: [{name: to-http, events: [of.beta], retry: [100ms], delivery: {kamelet: {name: http-sink}}}]
                """
                        .formatted(KEY, TOPIC, OWN_PASSWORD, WRONG_PASSWORD, OTHER_KEY),
                "webhooks.deliver.kamelets=kafka-sink, postgresql-sink, http-sink, post-sink, hang-sink, broken-sink",
                "webhooks.deliver.kamelet.kafka-sink.bootstrapServers=" + BROKER.brokers(),
                "webhooks.deliver.kamelet.kafka-sink.open=topic",
                "webhooks.deliver.kamelet.postgresql-sink.serverName=" + server.getHost(),
                "webhooks.deliver.kamelet.postgresql-sink.serverPort=" + server.getPort(),
                "webhooks.deliver.kamelet.postgresql-sink.databaseName="
                        + server.getPath().substring(1),
                "webhooks.deliver.kamelet.postgresql-sink.username=" + Postgres.USER,
                "webhooks.deliver.kamelet.postgresql-sink.password=" + PASSWORD,
                "webhooks.deliver.kamelet.postgresql-sink.query=INSERT INTO calls VALUES (:#event, :#call, :#minutes)",
                "webhooks.deliver.kamelet.http-sink.url=http://127.0.0.1:" + receiver.port()
                        + "/sink?key=of-the-operator",
                "webhooks.deliver.kamelet.post-sink.open=user,password,to");
    }

    private static void kamelet(Path folder, String name, String properties, String steps) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(
                folder.resolve(name + ".kamelet.yaml"),
                """
                apiVersion: camel.apache.org/v1
                kind: Kamelet
                metadata: {name: %s, labels: {camel.apache.org/kamelet.type: sink}}
                spec:
                  definition: {title: A Sink, type: object, properties: {%s}}
                  template:
                    from:
                      uri: kamelet:source
                      steps:
                %s
                """
                        .formatted(name, properties, steps.indent(8)));
    }

    @AfterAll
    void stop() {
        silence.countDown();
        mail.stop();
        product.close();
    }

    private Receiver.Reply reply(Receiver.Got request) {
        try {
            if (request.body().contains("to.silent")) {
                silence.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return replies.isEmpty() ? new Receiver.Reply(204) : replies.remove();
    }

    private void post(String type, String more) {
        post(KEY, type, type, more);
    }

    private void post(String key, String id, String type, String more) {
        String event = "{\"id\": \"" + id + "\", \"source\": \"/sinks\", \"type\": \"" + type
                + "\", \"data\": {\"cdr_id\": 7}" + more + "}";
        assertEquals(202, product.postEvent(key, event).statusCode());
    }

    private JsonNode delivery(String type, String state) {
        post(type, "");
        return details(type, state);
    }

    private JsonNode details(String type, String state) {
        JsonNode delivery = product.awaitDeliveries(KEY, type, 1, state).path(0);
        return product.read("/v1/deliveries/" + delivery.path("id").asText(), KEY);
    }

    private JsonNode webhook(String name) {
        return product.read("/v1/webhooks/" + name, KEY);
    }

    @Test
    void kafka_sink_sends_the_event_with_its_attributes_as_headers_and_nothing_else() {
        post("to.kafka", ", \"subject\": \"+49 1\", \"camelkafkatopic\": \"other\", \"partitionkey\": \"k\"");
        JsonNode delivery = details("to.kafka", "delivered");

        List<KafkaBroker.Got> records = BROKER.all(TOPIC);
        assertEquals(1, records.size());
        KafkaBroker.Got record = records.get(0);
        assertTrue(record.value().contains("\"cdr_id\": 7"), record.value());
        assertEquals("k", record.key());
        assertEquals(
                Set.of(
                        "Content-Type",
                        "webhook-id",
                        "webhook-timestamp",
                        "ce-id",
                        "ce-source",
                        "ce-type",
                        "ce-subject",
                        "ce-key"),
                record.headers().keySet());
        assertEquals("+49 1", record.headers().get("ce-subject"));
        assertEquals("to.kafka", record.headers().get("ce-type"));
        assertEquals(delivery.path("id").asText(), record.headers().get("webhook-id"));
        JsonNode attempt = delivery.path("attempts").path(0);
        assertEquals("kamelet:kafka-sink", attempt.at("/request/url").asText());
        assertEquals("SEND", attempt.at("/request/method").asText());
        assertTrue(attempt.at("/request/body").asText().contains("\"cdr_id\": 7"), attempt.toString());
        assertEquals("kamelet:kafka-sink", webhook("to-kafka").path("url").asText());
    }

    @Test
    void postgresql_sink_inserts_the_members_of_the_webhooks_body() throws Exception {
        delivery("to.table", "delivered");

        try (Connection connection = Postgres.connect(database);
                ResultSet row =
                        connection.createStatement().executeQuery("SELECT * FROM calls WHERE event = 'to.table'")) {
            assertTrue(row.next());
            assertEquals(7, row.getInt("call"));
            assertFalse(row.next());
        }
    }

    @Test
    void an_exception_of_http_sink_is_an_attempt_that_is_retried_and_its_message_is_masked() {
        replies.add(new Receiver.Reply(500));
        replies.add(new Receiver.Reply(200, Map.of(), "thanks for of-the-operator\nand more"));
        JsonNode attempts = delivery("to.http", "delivered").path("attempts");

        assertEquals(2, attempts.size());
        String reason = attempts.path(0).path("reason").asText();
        assertTrue(reason.startsWith("Kamelet http-sink failed (HttpOperationFailedException): "), reason);
        assertFalse(reason.contains("of-the-operator"), reason);
        assertTrue(attempts.path(1).path("reason").asText().startsWith("thanks for"), attempts.toString());
    }

    @Test
    void a_credential_of_the_webhook_arrives_as_it_is_and_is_masked() {
        delivery("to.post", "delivered");

        assertEquals(1, mail.getReceivedMessages().length, "the server checks the password");
        JsonNode properties = webhook("to-post").at("/definition/delivery/kamelet/properties");
        assertEquals("***", properties.path("password").asText());
        assertEquals("u", properties.path("user").asText());
    }

    @Test
    void a_kamelet_that_hangs_is_interrupted_at_the_timeout() {
        post("to.hang", "");
        Awaitility.await()
                .until(() -> details("to.hang", "waiting").path("attempts").size() == 1);

        assertEquals(
                "step 'send-to-kamelet' of route 'deliver-kamelet' did not end within 300 ms",
                details("to.hang", "waiting")
                        .path("attempts")
                        .path(0)
                        .path("reason")
                        .asText());
    }

    @Test
    void a_server_that_says_nothing_holds_up_no_other_kamelet_and_no_other_account() {
        for (int i = 0; i < SILENT; i++) {
            post(KEY, "silent-" + i, "to.silent", "");
        }
        Awaitility.await().until(() -> requests("to.silent") > 0);
        post(KEY, "beside", "to.table", "");
        post(OTHER_KEY, "of.beta", "of.beta", "");

        details("beside", "delivered");
        product.awaitDeliveries(OTHER_KEY, "of.beta", 1, "delivered");
        for (int i = 0; i < SILENT; i++) {
            String id = "silent-" + i;
            JsonNode attempt = Awaitility.await()
                    .until(() -> details(id, "waiting").path("attempts").path(0), JsonNode::isObject);
            assertTrue(attempt.path("reason").asText().endsWith("did not end within 300 ms"), attempt.toString());
        }
    }

    private long requests(String text) {
        return receiver.requests().stream()
                .filter(request -> request.body().contains(text))
                .count();
    }

    @Test
    void a_refused_credential_is_a_fault_of_its_webhook_and_is_shown_nowhere() {
        post("to.wrong", "");
        Awaitility.await()
                .until(() -> webhook("wrong").path("health").toString().contains("failing"));

        String delivery = details("to.wrong", "waiting").toString();
        assertTrue(delivery.contains("\"attemptCount\":0,"), delivery);
        assertTrue(delivery.contains("Kamelet post-sink failed (AuthenticationFailedException)"), delivery);
        assertFalse((delivery + webhook("wrong")).contains(WRONG_PASSWORD), delivery);
    }

    @Test
    void deliveries_to_a_kamelet_keep_their_order_and_can_be_paused_and_replayed() {
        product.post("/v1/webhooks/in-order/pause", KEY, "application/json", "{}");
        List<String> order = List.of("fifo-0", "fifo-1", "fifo-2", "fifo-3");
        order.forEach(id -> post(KEY, id, "to.fifo", ", \"subject\": \"s\""));
        order.forEach(id -> details(id, "paused"));
        assertEquals(List.of(), bodiesInOrder());

        // a retry holds up those behind it
        replies.add(new Receiver.Reply(500));
        product.post("/v1/webhooks/in-order/resume", KEY, "application/json", "{}");
        order.forEach(id -> details(id, "delivered"));
        assertEquals(List.of("fifo-0", "fifo-0", "fifo-1", "fifo-2", "fifo-3"), bodiesInOrder());

        String first = product.awaitDeliveries(KEY, "fifo-0", 1, "delivered")
                .path(0)
                .path("id")
                .asText();
        HttpResponse<String> replay = product.post("/v1/deliveries/" + first + "/replay", KEY, "application/json", "");
        assertEquals(202, replay.statusCode(), replay.body());
        Awaitility.await().until(() -> bodiesInOrder().size() == 6);
        assertEquals("fifo-0", bodiesInOrder().get(5));
    }

    private List<String> bodiesInOrder() {
        return receiver.requests().stream()
                .map(request -> request.body().replace("\"", ""))
                .filter(body -> body.startsWith("fifo-"))
                .toList();
    }

    @Test
    void a_kamelet_that_cannot_start_is_a_fault_of_its_webhook_and_uses_no_attempt() {
        post("to.broken", "");
        Awaitility.await()
                .until(() -> webhook("broken").at("/health/state").asText().equals("failing")
                        || webhook("broken").path("health").toString().contains("failing"));

        JsonNode delivery = details("to.broken", "waiting");
        assertEquals(0, delivery.path("attemptCount").asInt());
        assertTrue(delivery.toString().contains("Kamelet broken-sink cannot start"), delivery.toString());
        assertTrue(delivery.toString().contains("noSuchOption"), delivery.toString());
    }

    @Test
    void a_property_that_is_not_open_sends_nothing_and_health_and_api_say_so() {
        post("to.closed", "");
        JsonNode delivery = details("to.closed", "waiting");

        assertTrue(delivery.toString().contains("property 'url' is not open"), delivery.toString());
        HttpResponse<String> test = product.post("/v1/webhooks/closed/test", KEY, "application/json", "{}");
        assertEquals(403, test.statusCode(), test.body());
    }

    @Test
    void a_test_sends_for_real_and_a_preview_shows_the_message() {
        String event = "{\"event\": {\"id\": \"t\", \"source\": \"/s\", \"type\": \"to.http\", \"data\": {}}}";
        HttpResponse<String> test = product.post("/v1/webhooks/to-http/test", KEY, "application/json", event);
        assertEquals("delivered", RunningProduct.json(test).path("outcome").asText(), test.body());

        HttpResponse<String> preview = product.post(
                "/v1/webhooks/preview",
                KEY,
                "application/json",
                event.replace("{\"event\"", "{\"webhook\": \"to-http\", \"event\""));
        JsonNode request = RunningProduct.json(preview).path("request");
        assertEquals("kamelet:http-sink", request.path("url").asText(), preview.body());
        assertEquals("/s", request.at("/headers/ce-source").asText(), preview.body());
    }
}
