package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.deliver.judge.FailureJudging;
import io.engagementwebhooks.testkit.LogLines;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.apache.activemq.broker.BrokerService;
import org.apache.activemq.broker.TransportConnector;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A destination that is not HTTP says the outcome of its attempts, in a separate product with the routes of
 * {@code examples/jms-and-sql}, a JMS broker and a database; and steps of the user's own that fail say so.
 */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OwnOutcomesTest {

    private static final Path EXAMPLE = Path.of("examples/jms-and-sql");
    private static final String KEY = "a-key-of-acme-that-may-do-all";

    /** Destinations that say something else, or fail before anything is sent. */
    private static final String OTHERS =
            """
            - route:
                id: deliver-later
                from:
                  uri: direct:deliver-later
                  steps:
                    - setProperty: {id: later-accounts, name: webhookAccounts, constant: "*"}
                    - choice:
                        id: choose-outcome
                        when:
                          - id: if-in-an-hour
                            simple: "${exchangeProperty.webhookDestination} == 'later'"
                            steps:
                              - setProperty: {id: say-closed, name: webhookReason, simple: "The ledger is\\nclosed\\u0000"}
                              - setProperty: {id: say-when, name: webhookRetryAfter, constant: 1h}
                              - process: {id: later-failed, ref: noteFailed}
                        otherwise:
                          id: not-taken
                          steps:
                            - process: {id: later-delivered, ref: noteDelivered}
            - route:
                id: deliver-branch
                from:
                  uri: direct:deliver-branch
                  steps:
                    - filter:
                        id: if-never
                        simple: "${exchangeProperty.webhookDestination} == 'other'"
                        steps:
                          - process: {id: branch-delivered, ref: noteDelivered}
            - route:
                id: deliver-looked-up
                from:
                  uri: direct:deliver-looked-up
                  steps:
                    - setBody: {id: clear-body, constant: "1"}
                    - to: {id: ask-service, uri: "http://127.0.0.1:1/password-secret"}
                    - process: {id: looked-up-build, ref: buildRequest}
                    - process: {id: looked-up-sign, ref: signRequest}
                    - to: {id: looked-up-call, uri: "receiver:webhook"}
                    - process: {id: looked-up-judge, ref: judgeResponse}
            - route:
                id: deliver-after
                from:
                  uri: direct:deliver-after
                  steps:
                    - process: {id: after-build, ref: buildRequest}
                    - process: {id: after-sign, ref: signRequest}
                    - to: {id: after-call, uri: "receiver:webhook"}
                    - throwException: {id: after-throw, exceptionType: java.lang.IllegalStateException, message: "secret"}
                    - process: {id: after-judge, ref: judgeResponse}
            - route:
                id: deliver-broken
                from:
                  uri: direct:deliver-broken
                  steps:
                    - process: {id: broken-build, ref: buildRequest}
                    - process: {id: broken-sign, ref: signRequest}
                    - circuitBreaker:
                        id: breaker
                        steps:
                          - to: {id: broken-call, uri: "receiver:webhook"}
                          - throwException: {id: broken-throw, exceptionType: java.lang.IllegalStateException, message: "secret"}
                    - process: {id: broken-judge, ref: judgeResponse}
            - route:
                id: deliver-split
                from:
                  uri: direct:deliver-split
                  steps:
                    - process: {id: split-build, ref: buildRequest}
                    - process: {id: split-sign, ref: signRequest}
                    - multicast:
                        id: multicast
                        stopOnException: true
                        steps:
                          - pipeline:
                              id: each
                              steps:
                                - to: {id: split-call, uri: "receiver:webhook"}
                                - throwException: {id: split-throw, exceptionType: java.lang.IllegalStateException, message: "secret"}
                    - process: {id: split-judge, ref: judgeResponse}
            - route:
                id: deliver-chosen
                from:
                  uri: direct:deliver-chosen
                  steps:
                    - setBody: {id: chosen-body, constant: "1"}
                    - toD: {id: chosen-call, uri: "http://127.0.0.1:1/${exchangeProperty.webhookDestination}"}
            - route:
                id: deliver-noted
                from:
                  uri: direct:deliver-noted
                  steps:
                    - process: {id: noted-delivered, ref: noteDelivered}
                    - throwException: {id: noted-throw, exceptionType: java.lang.IllegalStateException, message: "secret"}
            """;

    /** A step before the {@code doTry} of a shipped route. */
    private static final String UNGUARDED = "      steps:\n        - throwException: {id: refuse-all, exceptionType:"
            + " java.lang.IllegalStateException, message: secret}\n        - doTry:";

    @AutoClose
    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(204));

    private Path database;
    private BrokerService broker;
    private int brokerPort;

    @AutoClose
    private RunningProduct product;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        broker = broker(0);
        brokerPort = broker.getTransportConnectors().get(0).getConnectUri().getPort();
        database = folder.resolve("calls.db");
        sql(
                "create table calls (id text primary key, call text not null check (json_extract(call, '$.seconds') < 3600))");
        Path routes = Files.createDirectories(folder.resolve("routes"));
        for (Path from : List.of(Path.of("routes"), EXAMPLE.resolve("routes"))) {
            try (Stream<Path> files = Files.list(from)) {
                for (Path file : files.toList()) {
                    Files.copy(file, routes.resolve(file.getFileName()));
                }
            }
        }
        Files.writeString(routes.resolve("36-others.camel.yaml"), OTHERS);
        Path shipped = routes.resolve("39-deliver-unauthenticated.camel.yaml");
        Files.writeString(shipped, Files.readString(shipped).replace("      steps:\n        - doTry:", UNGUARDED));
        StringBuilder webhooks = new StringBuilder(Files.readString(EXAMPLE.resolve("webhooks.yaml"))
                .replace("\"{{env:ACME_KEY}}\"", KEY)
                .replace("        delivery:", "        retry: [" + "100ms, ".repeat(200) + "1h]\n        delivery:"));
        for (String name : List.of("later", "branch", "looked-up", "after", "broken", "split", "chosen", "noted")) {
            String retry = name.equals("later") ? "1s" : "1h";
            webhooks.append(
                    "      - {name: " + name + ", events: [to." + name + "], retry: [" + retry + "], delivery: {url: '"
                            + receiver.url() + "', authentication: {type: custom, destination: " + name + "}}}\n");
        }
        webhooks.append("      - {name: plain, events: [to.plain], delivery: {url: '" + receiver.url() + "'}}\n");
        product = RunningProduct.start(
                folder,
                webhooks.toString(),
                "my.broker.url=tcp://127.0.0.1:" + brokerPort,
                "my.broker.user=",
                "my.broker.password=",
                "my.database.url=jdbc:sqlite:" + database);
    }

    @AfterAll
    void stopBroker() throws Exception {
        broker.stop();
    }

    private static BrokerService broker(int port) throws Exception {
        BrokerService made = new BrokerService();
        made.setPersistent(false);
        made.setUseJmx(false);
        made.setUseShutdownHook(false);
        TransportConnector connector = made.addConnector("tcp://127.0.0.1:" + port);
        made.start();
        made.waitUntilStarted();
        assertNotNull(connector.getConnectUri());
        return made;
    }

    /** What is sent by the example's two webhooks. */
    private void sendCall(String id, int seconds) {
        String event = WholeProduct.callEnded(id, each -> ((ObjectNode) each.get("data")).put("duration", seconds));
        HttpResponse<String> answer = product.post("/v1/events", KEY, "application/cloudevents+json", event);
        assertEquals(202, answer.statusCode(), answer.body());
    }

    private void send(String name) {
        HttpResponse<String> answer =
                product.postEvent(KEY, "{\"id\": \"" + name + "\", \"source\": \"/t\", \"type\": \"to." + name + "\"}");
        assertEquals(202, answer.statusCode(), answer.body());
    }

    /** The delivery of an event by a webhook, with its attempts, once it has a reason or has ended. */
    private JsonNode delivery(String event, String webhook) {
        JsonNode found = Awaitility.await()
                .until(
                        () -> product.read("/v1/deliveries?event=" + event + "&webhook=" + webhook, KEY)
                                .at("/items/0"),
                        delivery -> delivery.hasNonNull("reason")
                                || delivery.path("state").asText().equals("delivered"));
        return product.read("/v1/deliveries/" + found.get("id").asText(), KEY);
    }

    private JsonNode ended(String event, String webhook, String state) {
        Awaitility.await()
                .until(() -> delivery(event, webhook).get("state").asText().equals(state));
        return delivery(event, webhook);
    }

    private List<String> queue() throws JMSException {
        ActiveMQConnectionFactory factory = new ActiveMQConnectionFactory("tcp://127.0.0.1:" + brokerPort);
        List<String> found = new ArrayList<>();
        try (Connection connection = factory.createConnection()) {
            connection.start();
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            var messages = session.createBrowser(session.createQueue("calls")).getEnumeration();
            while (messages.hasMoreElements()) {
                BytesMessage message = (BytesMessage) messages.nextElement();
                byte[] body = new byte[(int) message.getBodyLength()];
                message.readBytes(body);
                found.add(message.getStringProperty("webhook_HYPHEN_id") + " "
                        + new String(body, StandardCharsets.UTF_8));
            }
        }
        return found;
    }

    private List<String> sql(String statement) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (java.sql.Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                java.sql.Statement made = connection.createStatement()) {
            if (made.execute(statement)) {
                ResultSet found = made.getResultSet();
                while (found.next()) {
                    rows.add(found.getString(1));
                }
            }
        }
        return rows;
    }

    @Test
    void a_message_that_a_broker_took_is_delivered_with_one_attempt_like_any_other() throws Exception {
        sendCall("jms-1", 60);

        JsonNode delivery = ended("jms-1", "calls-to-queue", "delivered");

        assertEquals(1, delivery.get("attemptCount").asInt());
        JsonNode attempt = delivery.get("attempts").get(0);
        assertEquals("delivered", attempt.get("outcome").asText());
        assertTrue(attempt.get("reason").asText().startsWith("ID:"), attempt.toString());
        String id = delivery.get("id").asText().replaceFirst("^.*_", "");
        assertTrue(
                queue().stream()
                        .anyMatch(message -> message.startsWith("msg_" + id + " {") && message.contains("jms-1")),
                () -> delivery.toString());
    }

    @Test
    void an_exception_is_a_failed_attempt_that_is_retried_and_its_message_is_hidden() throws Exception {
        broker.stop();
        broker.waitUntilStopped();
        try (LogLines log = new LogLines(FailureJudging.class)) {
            sendCall("jms-2", 60);
            Awaitility.await()
                    .until(() -> delivery("jms-2", "calls-to-queue")
                                    .get("attemptCount")
                                    .asInt()
                            > 1);

            JsonNode failed =
                    delivery("jms-2", "calls-to-queue").get("attempts").get(0);
            assertEquals("try-later", failed.get("outcome").asText());
            assertTrue(
                    failed.get("reason")
                            .asText()
                            .matches("step 'send-to-queue' of route 'deliver-queue' failed \\(\\w+Exception\\)"),
                    failed.toString());
            String line = log.texts().get(0);
            assertTrue(
                    line.matches("attempt.step-failed account=acme\\S* delivery=[0-9A-Z]{26} webhook=\"calls-to-queue\""
                            + " route=deliver-queue step=send-to-queue exception=\\S+Exception count=1: .+"),
                    line);
        } finally {
            broker = broker(brokerPort);
        }
        ended("jms-2", "calls-to-queue", "delivered");
    }

    @Test
    void a_row_is_inserted_once_and_one_that_the_table_refuses_ends_the_delivery() throws Exception {
        sendCall("row-1", 60);
        JsonNode delivered = ended("row-1", "calls-to-table", "delivered");
        String id = "msg_" + delivered.get("id").asText().replaceFirst("^.*_", "");
        assertEquals(
                List.of("{\"number\":914022177,\"seconds\":60}"),
                sql("select call from calls where id = '" + id + "'"));

        sendCall("row-2", 4000);
        JsonNode refused = ended("row-2", "calls-to-table", "gave-up");

        assertEquals("The table refused this call", refused.get("reason").asText());
        assertEquals(1, refused.get("attemptCount").asInt());
        assertEquals("gave-up", refused.at("/attempts/0/outcome").asText());
    }

    @Test
    void a_test_of_the_webhook_says_so_too() {
        HttpResponse<String> tested = product.post(
                "/v1/webhooks/calls-to-table/test",
                KEY,
                "application/json",
                "{\"event\": " + WholeProduct.callEnded("tested") + "}");
        assertEquals("delivered", RunningProduct.json(tested).get("outcome").asText(), tested.body());
    }

    @Test
    void a_failure_says_why_and_when_to_try_again() {
        Instant before = Instant.now();
        send("later");

        JsonNode delivery = delivery("later", "later");

        assertEquals("waiting", delivery.get("state").asText());
        assertEquals("The ledger is closed", delivery.get("reason").asText().strip());
        assertEquals(1, delivery.get("attemptCount").asInt());
        assertFalse(Instant.parse(delivery.get("next").asText()).isBefore(before.plus(Duration.ofMinutes(59))));
    }

    @Test
    void a_branch_that_does_nothing_is_never_delivered() {
        send("branch");

        JsonNode delivery = delivery("branch", "branch");

        assertEquals("try-later", delivery.get("outcome").asText());
        assertEquals(
                "internal fault: the route ended without an outcome",
                delivery.get("reason").asText());
    }

    @Test
    void a_step_of_the_users_that_fails_before_the_request_uses_no_attempt_and_the_webhook_is_failing() {
        send("looked-up");

        JsonNode delivery = delivery("looked-up", "looked-up");

        assertEquals(
                "Not sent: step 'ask-service' of route 'deliver-looked-up' failed (HttpHostConnectException)",
                delivery.get("reason").asText());
        assertEquals(0, delivery.get("attemptCount").asInt());
        assertEquals(
                "failing",
                product.read("/v1/webhooks/looked-up", KEY).at("/health/status").asText());
    }

    @Test
    void one_that_no_step_catches_uses_none_either() {
        send("plain");

        JsonNode delivery = delivery("plain", "plain");

        assertEquals(
                "Not sent: step 'refuse-all' of route 'deliver-unauthenticated' failed (IllegalStateException)",
                delivery.get("reason").asText());
        assertEquals(0, delivery.get("attemptCount").asInt());
    }

    @Test
    void one_that_fails_after_the_request_uses_the_attempt_that_was_made() {
        send("after");

        JsonNode delivery = delivery("after", "after");

        assertEquals(
                "step 'after-throw' of route 'deliver-after' failed (IllegalStateException)",
                delivery.get("reason").asText());
        assertEquals(1, delivery.get("attemptCount").asInt());
        assertEquals(204, delivery.at("/attempts/0/status").asInt());
    }

    @Test
    void so_does_one_in_a_block_that_discards_the_copy_of_a_failed_branch() {
        for (String name : List.of("broken", "split")) {
            send(name);

            JsonNode delivery = delivery(name, name);

            assertEquals(
                    "step '" + name + "-throw' of route 'deliver-" + name + "' failed (IllegalStateException)",
                    delivery.get("reason").asText());
            assertEquals(1, delivery.get("attemptCount").asInt());
        }
    }

    @Test
    void one_that_sends_to_a_chosen_endpoint_uses_an_attempt() {
        send("chosen");

        JsonNode delivery = delivery("chosen", "chosen");

        assertEquals(
                "step 'chosen-call' of route 'deliver-chosen' failed (HttpHostConnectException)",
                delivery.get("reason").asText());
        assertEquals(1, delivery.get("attemptCount").asInt());
    }

    @Test
    void one_that_fails_after_the_delivery_was_noted_leaves_it_delivered() {
        send("noted");

        assertEquals(1, ended("noted", "noted", "delivered").get("attemptCount").asInt());
    }

    @Test
    void files_of_the_example_are_those_that_its_page_lists() throws IOException {
        String page = Files.readString(EXAMPLE.resolve("README.md"));
        try (Stream<Path> files = Files.walk(EXAMPLE)) {
            files.filter(file -> Files.isRegularFile(file) && !file.endsWith("README.md"))
                    .forEach(file -> assertTrue(page.contains("(" + EXAMPLE.relativize(file) + ")"), file.toString()));
        }
    }
}
