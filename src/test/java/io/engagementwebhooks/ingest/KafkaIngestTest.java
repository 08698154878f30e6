package io.engagementwebhooks.ingest;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.testkit.Collector;
import io.engagementwebhooks.testkit.KafkaBroker;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.camel.api.management.ManagedCamelContext;
import org.apache.camel.api.management.mbean.ManagedRouteMBean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Events from a real Kafka broker, on the running product. */
@Timeout(300)
class KafkaIngestTest {

    private static final String KEY = "an-admin-key-of-acme";
    private static final String OTHER_KEY = "an-admin-key-of-other";
    private static final String GROUP = "-group";
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path brokerFolder;

    private static KafkaBroker broker;
    private static int topics;

    @TempDir
    Path folder;

    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(204));
    private final String topic = "calls-" + ++topics;
    private final String deadLetters = topic + ".dead";
    private final ExecutorService suspending = Executors.newSingleThreadExecutor();
    private RunningProduct product;

    @BeforeAll
    static void startBroker() {
        broker = new KafkaBroker(brokerFolder);
    }

    @AfterAll
    static void stopBroker() throws IOException {
        broker.close();
    }

    @AfterEach
    void stop() {
        suspending.shutdownNow();
        if (product != null) {
            product.close();
        }
        receiver.close();
    }

    private void start(int partitions, String... more) {
        makeTopics(partitions);
        start(more);
    }

    private void makeTopics(int partitions) {
        broker.makeTopic(topic, partitions);
        broker.makeTopic(deadLetters, 1);
    }

    private void start(String... more) {
        List<String> settings = new ArrayList<>(List.of(
                "webhooks.kafka.brokers=" + broker.brokers(),
                "webhooks.kafka.topics=" + topic + "=acme",
                "webhooks.kafka.group=" + topic + GROUP,
                "webhooks.kafka.dead-letters=" + deadLetters));
        settings.add("camel.main.shutdownTimeout=60");
        settings.addAll(List.of(more));
        product = RunningProduct.start(
                folder,
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: an-admin-key-of-acme}]
                    webhooks:
                      - name: all
                        events: ["*"]
                        delivery: {url: "%1$s", authentication: {type: none}}
                  - id: other
                    apiKeys: [{name: staff, role: admin, key: an-admin-key-of-other}]
                    webhooks:
                      - name: all
                        events: ["*"]
                        delivery: {url: "%1$s", authentication: {type: none}}
                """
                        .formatted(receiver.url()),
                settings.toArray(String[]::new));
    }

    private static String event(String id, String subject, int data) {
        return "{\"id\":\"" + id + "\",\"source\":\"/s\",\"type\":\"call.ended\",\"subject\":\"" + subject
                + "\",\"data\":{\"n\":" + data + "}}";
    }

    private static JsonNode json(Receiver.Got got) {
        try {
            return JSON.readTree(got.body());
        } catch (IOException e) {
            throw new AssertionError(got.body(), e);
        }
    }

    private void awaitCommitted(long offsets) {
        await().until(() -> broker.committed(topic + GROUP, topic) == offsets);
    }

    @Test
    void without_brokers_there_is_no_kafka_route() {
        product = RunningProduct.start(folder, "accounts: []\n");

        assertNull(product.camel().getRoute("ingest-kafka"));
        assertNotNull(product.camel().getRoute("ingest-events"));
    }

    @Test
    void each_form_of_an_event_arrives_as_over_http() {
        start(1);
        broker.send(topic, "a", event("plain", "s", 1));
        broker.send(
                topic,
                "a",
                ("{\"specversion\":\"1.0\"," + event("structured", "s", 2).substring(1))
                        .getBytes(StandardCharsets.UTF_8),
                Map.of("content-type", "application/cloudevents+json; charset=UTF-8"));
        broker.send(
                topic,
                "a",
                "{\"n\":3}".getBytes(StandardCharsets.UTF_8),
                Map.of(
                        "content-type", "application/json",
                        "ce_specversion", "1.0",
                        "ce_id", "binary 100%",
                        "ce_source", "/s",
                        "ce_type", "call.ended"));

        await().until(() -> receiver.requests().size() == 3);
        Map<String, Integer> data = receiver.requests().stream()
                .map(KafkaIngestTest::json)
                .collect(Collectors.toMap(
                        event -> event.path("id").asText(),
                        event -> event.path("data").path("n").asInt()));
        assertEquals(Map.of("plain", 1, "structured", 2, "binary 100%", 3), data);
        awaitCommitted(3);
        assertEquals(List.of(), broker.all(deadLetters));
    }

    @Test
    void a_record_is_a_step_of_its_senders_trace() {
        String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        try (Collector collector = new Collector()) {
            start(1, "webhooks.tracing.endpoint=" + collector.url());
            broker.send(
                    topic,
                    "a",
                    event("traced", "s", 1).getBytes(StandardCharsets.UTF_8),
                    Map.of("traceparent", "00-" + trace + "-00f067aa0ba902b7-01"));

            Span record = collector.await(span -> span.getKind() == Span.SpanKind.SPAN_KIND_CONSUMER);
            Span attempt = collector.await(span -> span.getKind() == Span.SpanKind.SPAN_KIND_CLIENT);
            assertEquals("process " + topic, record.getName());
            assertEquals(trace, Collector.trace(record));
            assertEquals("00f067aa0ba902b7", Collector.parent(record));
            assertEquals(trace, Collector.trace(attempt));
            assertEquals(Collector.id(record), Collector.parent(attempt));
        }
    }

    @Test
    void a_record_that_is_no_event_goes_to_the_dead_letters_with_the_reason_and_stops_nothing() {
        start(1);
        broker.send(topic, "k", event("first", "s", 1));
        broker.send(topic, "k", "no json".getBytes(StandardCharsets.UTF_8), Map.of("trace", "t-1"));
        broker.send(topic, "k", (byte[]) null, Map.of());
        broker.send(topic, "k", event("first", "s", 2));
        broker.send(topic, "k", event("last", "s", 3));

        await().until(() -> receiver.requests().size() == 2);
        awaitCommitted(5);
        List<KafkaBroker.Got> dead = broker.all(deadLetters);
        assertEquals(
                List.of("not-json", "no-value", "identity-reused"),
                dead.stream()
                        .map(letter -> letter.headers().get("dead-letter-code"))
                        .toList());
        assertEquals("no json", dead.get(0).value());
        assertEquals("k", dead.get(0).key());
        assertEquals("t-1", dead.get(0).headers().get("trace"));
        assertEquals(topic, dead.get(0).headers().get("dead-letter-topic"));
        assertEquals("1", dead.get(0).headers().get("dead-letter-offset"));
        assertTrue(dead.get(0).headers().get("dead-letter-reason").contains("not JSON"));
    }

    @Test
    void the_topic_tells_the_account_and_the_event_only_where_it_is_trusted() {
        start(1, "webhooks.kafka.trust-account=true");
        broker.send(topic, null, event("of-topic", "s", 1));
        broker.send(
                topic,
                null,
                "{\"account\":\"other\"," + event("of-other", "s", 2).substring(1));
        broker.send(
                topic,
                null,
                "{\"account\":\"nobody\"," + event("of-nobody", "s", 3).substring(1));

        product.awaitDeliveries(KEY, "of-topic", 1, "delivered");
        product.awaitDeliveries(OTHER_KEY, "of-other", 1, "delivered");
        awaitCommitted(3);
        assertEquals(
                List.of("unknown-account"),
                broker.all(deadLetters).stream()
                        .map(letter -> letter.headers().get("dead-letter-code"))
                        .toList());
    }

    @Test
    void an_account_in_the_event_is_refused_where_it_is_not_trusted() {
        start(1);
        broker.send(
                topic,
                null,
                "{\"account\":\"other\"," + event("of-other", "s", 2).substring(1));

        awaitCommitted(1);
        assertEquals(
                "account-mismatch", broker.all(deadLetters).get(0).headers().get("dead-letter-code"));
        assertEquals(List.of(), List.copyOf(receiver.requests()));
    }

    @Test
    void records_of_an_account_that_is_not_set_up_wait_until_it_is() {
        start(1, "webhooks.kafka.topics=" + topic + "=late");
        broker.send(topic, null, event("early", "s", 1));
        await().until(() -> product.camel().getInflightRepository().size("ingest-kafka") > 0);
        assertEquals(0, broker.committed(topic + GROUP, topic));

        product.setUp("accounts: [{id: late, apiKeys: [{name: staff, role: admin, key: an-admin-key-of-late}]}]\n");
        awaitCommitted(1);
        assertEquals(List.of(), broker.all(deadLetters));
    }

    @Test
    void nothing_is_committed_while_the_store_fails_and_everything_arrives_once_when_it_works() throws Exception {
        start(3);
        try (Connection locking = DriverManager.getConnection("jdbc:sqlite:" + product.storeFile());
                Statement statement = locking.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            for (int i = 0; i < 30; i++) {
                broker.send(topic, "key-" + i % 5, event("e" + i, "key-" + i % 5, i));
            }
            await().until(() -> product.camel().getRoute("ingest-kafka") != null
                    && product.camel().getInflightRepository().size("ingest-kafka") > 0);
            assertEquals(0, broker.committed(topic + GROUP, topic));
            statement.execute("ROLLBACK");
        }
        awaitCommitted(30);
        await().until(() -> receiver.requests().size() >= 30);
        assertEquals(30, receiver.requests().size());
    }

    /** On a partition of which nothing was ever committed, the one place where Camel's consumer has nothing to go back to. */
    @Test
    void a_batch_that_fails_while_the_route_is_being_suspended_is_read_again_when_it_is_resumed() throws Exception {
        start(1);
        try (Connection locking = DriverManager.getConnection("jdbc:sqlite:" + product.storeFile());
                Statement statement = locking.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            for (int i = 0; i < 5; i++) {
                broker.send(topic, "k", event("e" + i, "s", i));
            }
            await().until(() -> product.camel().getInflightRepository().size("ingest-kafka") > 0);
            Future<?> suspended = suspending.submit(() -> {
                // longer than the store is waited for: what does not end by then is broken off
                product.camel().getRouteController().suspendRoute("ingest-kafka", 60, TimeUnit.SECONDS);
                return null;
            });
            suspended.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            statement.execute("ROLLBACK");
        }
        assertEquals(0, receiver.requests().size());
        product.camel().getRouteController().resumeRoute("ingest-kafka");
        awaitCommitted(5);
        await().until(() -> receiver.requests().size() == 5);
    }

    @Test
    void what_kafka_gives_twice_is_one_event_and_the_order_of_a_key_is_kept_into_the_outbox() {
        start(3);
        int events = 300;
        for (int i = 0; i < events; i++) {
            broker.send(topic, "key-" + i % 7, event("e" + i, "key-" + i % 7, i));
        }
        awaitCommitted(events);
        product.close();
        // as after a crash before the commit of offsets: another group reads all of it again
        startAgainWithAnotherGroup();
        await().until(() -> broker.committed(topic + "again", topic) == events);
        await().until(() -> receiver.requests().size() >= events);
        assertEquals(events, receiver.requests().size());
        Map<String, List<Integer>> stored = new HashMap<>();
        String cursor = "";
        do {
            JsonNode page = product.read("/v1/deliveries?limit=200" + cursor, KEY);
            page.path("items").forEach(item -> {
                int n = Integer.parseInt(item.path("event").asText().substring(1));
                stored.computeIfAbsent("key-" + n % 7, key -> new ArrayList<>()).add(0, n);
            });
            cursor = page.path("next").isTextual()
                    ? "&cursor=" + page.path("next").asText()
                    : "";
        } while (!cursor.isEmpty());
        for (int key = 0; key < 7; key++) {
            int first = key;
            assertEquals(
                    IntStream.range(0, events)
                            .filter(n -> n % 7 == first)
                            .boxed()
                            .toList(),
                    stored.get("key-" + key));
        }
    }

    @Test
    void many_records_are_stored_and_their_offsets_committed_at_once() throws Exception {
        makeTopics(1);
        int events = 400;
        for (int i = 0; i < events; i++) {
            broker.send(topic, "key", event("e" + i, "key", i));
        }
        start();
        awaitCommitted(events);
        await().until(() -> receiver.requests().size() == events);
        ManagedRouteMBean batches = product.camel()
                .getCamelContextExtension()
                .getContextPlugin(ManagedCamelContext.class)
                .getManagedRoute("ingest-kafka");
        assertTrue(batches.getExchangesTotal() > 0);
        assertTrue(
                batches.getExchangesTotal() <= events / 20,
                () -> batches.getExchangesTotal() + " commits for " + events + " records");
    }

    private void startAgainWithAnotherGroup() {
        product = RunningProduct.start(
                folder,
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: an-admin-key-of-acme}]
                    webhooks:
                      - name: all
                        events: ["*"]
                        delivery: {url: "%1$s", authentication: {type: none}}
                """
                        .formatted(receiver.url()),
                "webhooks.kafka.brokers=" + broker.brokers(),
                "webhooks.kafka.topics=" + topic + "=acme",
                "webhooks.kafka.group=" + topic + "again",
                "webhooks.kafka.dead-letters=" + deadLetters);
    }
}
