package io.engagementwebhooks.ingest;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.operate.ActiveConfig;
import io.engagementwebhooks.testkit.Collector;
import io.engagementwebhooks.testkit.KafkaBroker;
import io.engagementwebhooks.testkit.LogLines;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.camel.api.management.ManagedCamelContext;
import org.apache.camel.api.management.mbean.ManagedRouteMBean;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Events from a real Kafka broker. This class starts a product, since the topics that it reads are settings; each test has a
 * topic and an account of it.
 */
@Timeout(300)
class KafkaIngestTest {

    private static final String GROUP = "ingest";
    private static final int PARTITIONS = 3;
    private static final int TESTS = 15;
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final KafkaBroker BROKER = KafkaBroker.shared();
    private static final Queue<String> UNUSED = new ArrayDeque<>();

    @TempDir
    static Path folder;

    @AutoClose
    private static Receiver receiver;

    @AutoClose
    private static Collector collector;

    private static String allAccounts;
    private static String deadLetters;
    private static String otherTopic;

    @AutoClose
    private static RunningProduct product;

    private final String topic = UNUSED.remove();
    private final String key = key(topic);

    @BeforeAll
    static void start() {
        receiver = new Receiver(got -> new Receiver.Reply(204));
        collector = new Collector();
        deadLetters = BROKER.newTopic(1);
        otherTopic = BROKER.newTopic(1);
        UNUSED.add(otherTopic);
        Stream.generate(() -> BROKER.newTopic(PARTITIONS)).limit(TESTS).forEach(UNUSED::add);
        allAccounts = accounts(UNUSED);
        product = start(
                folder.resolve("product"),
                allAccounts,
                UNUSED.stream().map(each -> each + "=" + each).collect(Collectors.joining(",")),
                "webhooks.kafka.dead-letters=" + deadLetters,
                // each batch of more records is stored in several slices
                "webhooks.ingest.max-deliveries=2",
                "camel.component.kafka.additionalProperties[value.deserializer]=" + FaultyDeserializer.class.getName(),
                "webhooks.tracing.endpoint=" + collector.url());
        UNUSED.remove(otherTopic);
    }

    private static RunningProduct start(Path folder, String accounts, String topics, String... more) {
        List<String> settings = new ArrayList<>(List.of(
                "webhooks.kafka.brokers=" + BROKER.brokers(),
                "webhooks.kafka.topics=" + topics,
                "webhooks.kafka.group=" + GROUP,
                "camel.main.shutdownTimeout=60"));
        settings.addAll(List.of(more));
        return RunningProduct.start(folder, accounts, settings.toArray(String[]::new));
    }

    /** Accounts with a webhook each; the path of its URL is the account. */
    private static String accounts(Collection<String> names) {
        return names.stream()
                .map(name ->
                        """
                          - id: %1$s
                            apiKeys: [{name: staff, role: admin, key: %2$s}]
                            webhooks:
                              - name: all
                                events: ["*"]
                                delivery: {url: "%3$s", authentication: {type: none}}
                        """
                                .formatted(name, key(name), receiver.url().resolve("/" + name)))
                .collect(Collectors.joining("", "accounts:\n", ""));
    }

    private static String key(String account) {
        return "an-admin-key-of-" + account;
    }

    /** What the webhook of this test's account got. */
    private List<Receiver.Got> received() {
        return received(topic);
    }

    private static List<Receiver.Got> received(String account) {
        return receiver.requests().stream()
                .filter(got -> got.target().getPath().equals("/" + account))
                .toList();
    }

    /** The records of this test's topic that are no events. */
    private List<KafkaBroker.Got> deadLetters() {
        return BROKER.all(deadLetters).stream()
                .filter(letter -> topic.equals(letter.headers().get("dead-letter-topic")))
                .toList();
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
        await().until(() -> BROKER.committed(GROUP, topic) == offsets);
    }

    private static void awaitInFlight() {
        await().until(() -> product.camel().getInflightRepository().size("ingest-kafka") > 0);
    }

    private static void suspend() throws Exception {
        product.camel().getRouteController().suspendRoute("ingest-kafka", PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void lag_and_broker_connection_are_metrics() {
        BROKER.send(topic, "k", event("e1", "s", 1));
        await().until(() -> received().size() == 1);
        awaitLag(0);
        assertTrue(metrics().contains("webhooks_kafka_connected 1.0\n"));
        assertTrue(product.send(HttpRequest.newBuilder(product.managementUrl("/observe/health"))
                        .build())
                .body()
                .contains("{\"name\":\"kafka\",\"status\":\"UP\"}"));
    }

    private void awaitLag(int records) {
        await().until(() ->
                metrics().contains("webhooks_kafka_lag_records{topic=\"" + topic + "\"} " + records + ".0\n"));
    }

    private static String metrics() {
        return product.send(HttpRequest.newBuilder(product.managementUrl("/observe/metrics"))
                        .build())
                .body();
    }

    @Test
    void without_brokers_there_is_no_kafka_route() {
        try (RunningProduct withoutBrokers = RunningProduct.shared("accounts: []\n")) {
            assertNull(withoutBrokers.camel().getRoute("ingest-kafka"));
            assertNotNull(withoutBrokers.camel().getRoute("ingest-events"));
        }
    }

    @Test
    void each_form_of_an_event_arrives_as_over_http() {
        BROKER.send(topic, "a", event("plain", "s", 1));
        BROKER.send(
                topic,
                "a",
                ("{\"specversion\":\"1.0\"," + event("structured", "s", 2).substring(1))
                        .getBytes(StandardCharsets.UTF_8),
                Map.of("content-type", "application/cloudevents+json; charset=UTF-8"));
        BROKER.send(
                topic,
                "a",
                "{\"n\":3}".getBytes(StandardCharsets.UTF_8),
                Map.of(
                        "content-type", "application/json",
                        "ce_specversion", "1.0",
                        "ce_id", "binary 100%",
                        "ce_source", "/s",
                        "ce_type", "call.ended"));

        await().until(() -> received().size() == 3);
        Map<String, Integer> data = received().stream()
                .map(KafkaIngestTest::json)
                .collect(Collectors.toMap(
                        event -> event.path("id").asText(),
                        event -> event.path("data").path("n").asInt()));
        assertEquals(Map.of("plain", 1, "structured", 2, "binary 100%", 3), data);
        awaitCommitted(3);
        assertEquals(List.of(), deadLetters());
    }

    @Test
    void a_record_is_a_step_of_its_senders_trace() {
        String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        BROKER.send(
                topic,
                "a",
                event("traced", "s", 1).getBytes(StandardCharsets.UTF_8),
                Map.of("traceparent", "00-" + trace + "-00f067aa0ba902b7-01"));

        Span record = spanOf(trace, Span.SpanKind.SPAN_KIND_CONSUMER);
        Span attempt = spanOf(trace, Span.SpanKind.SPAN_KIND_CLIENT);
        assertEquals("process " + topic, record.getName());
        assertEquals("00f067aa0ba902b7", Collector.parent(record));
        assertEquals(Collector.id(record), Collector.parent(attempt));
    }

    private static Span spanOf(String trace, Span.SpanKind kind) {
        return collector.await(span -> span.getKind() == kind && trace.equals(Collector.trace(span)));
    }

    @Test
    void an_invalid_record_becomes_a_dead_letter_with_the_reason_and_blocks_nothing() {
        BROKER.send(topic, "k", event("first", "s", 1));
        BROKER.send(topic, "k", "no json".getBytes(StandardCharsets.UTF_8), Map.of("trace", "t-1"));
        BROKER.send(topic, "k", (byte[]) null, Map.of());
        BROKER.send(topic, "k", event("first", "s", 2));
        BROKER.send(topic, "k", event("last", "s", 3));

        await().until(() -> received().size() == 2);
        awaitCommitted(5);
        List<KafkaBroker.Got> dead = deadLetters();
        assertEquals(
                List.of("not-json", "no-value", "identity-reused"),
                dead.stream()
                        .map(letter -> letter.headers().get("dead-letter-code"))
                        .toList());
        assertEquals("no json", dead.get(0).value());
        assertEquals("k", dead.get(0).key());
        assertEquals("t-1", dead.get(0).headers().get("trace"));
        assertEquals("1", dead.get(0).headers().get("dead-letter-offset"));
        assertTrue(dead.get(0).headers().get("dead-letter-reason").contains("not JSON"));
    }

    /** CVE-2026-49098: by such a header Camel's producer would take another topic. */
    @Test
    void a_records_headers_do_not_choose_the_topic_of_its_dead_letter() {
        String other = BROKER.newTopic(1);
        Map<String, String> steering =
                Map.of("kafka.OVERRIDE_TOPIC", other, "KAFKA.override_topic", other, "CamelKafkaOverrideTopic", other);
        BROKER.send(topic, "k", "no json".getBytes(StandardCharsets.UTF_8), steering);

        await().until(() -> !deadLetters().isEmpty());
        awaitCommitted(1);
        assertEquals("no json", deadLetters().get(0).value());
        assertEquals(List.of(), BROKER.all(other));
    }

    /** On its own product, since it is a setting whether the event's account is trusted. */
    @Test
    void the_topic_determines_the_account_unless_the_event_is_trusted() {
        String trusting = BROKER.newTopic(1);
        String dead = BROKER.newTopic(1);
        BROKER.send(trusting, null, event("of-topic", "s", 1));
        BROKER.send(trusting, null, of("other", "of-other"));
        BROKER.send(trusting, null, of("unknown", "of-unknown"));

        try (RunningProduct trustful = start(
                folder.resolve("trustful"),
                accounts(List.of("acme", "other")),
                trusting + "=acme",
                "webhooks.kafka.group=trustful",
                "webhooks.kafka.dead-letters=" + dead,
                "webhooks.kafka.trust-account=true")) {
            trustful.awaitDeliveries(key("acme"), "of-topic", 1, "delivered");
            trustful.awaitDeliveries(key("other"), "of-other", 1, "delivered");
            await().until(() -> BROKER.committed("trustful", trusting) == 3);
        }
        assertEquals(
                List.of("unknown-account"),
                BROKER.all(dead).stream()
                        .map(letter -> letter.headers().get("dead-letter-code"))
                        .toList());
    }

    @Test
    void an_account_in_the_event_is_refused_where_it_is_not_trusted() {
        BROKER.send(topic, null, of("other", "of-other"));

        awaitCommitted(1);
        assertEquals("account-mismatch", deadLetters().get(0).headers().get("dead-letter-code"));
        assertEquals(List.of(), received());
    }

    @Test
    void records_of_a_missing_account_wait_and_others_continue() {
        config(allAccounts.replace("id: " + topic + "\n", "id: before-" + topic + "\n"));
        BROKER.send(topic, null, event("early", "s", 1));
        awaitLag(1);
        BROKER.send(otherTopic, null, event("of another account", "s", 1));
        await().until(() -> received(otherTopic).size() == 1);
        assertEquals(0, BROKER.committed(GROUP, topic));

        config(allAccounts);
        awaitCommitted(1);
        await().until(() -> received().size() == 1);
        assertEquals(List.of(), deadLetters());
    }

    /** On its own product, since it is a setting how many deliveries may wait. */
    @Test
    void an_account_above_its_share_pauses_its_partitions_and_others_continue() throws Exception {
        String shared = BROKER.newTopic(PARTITIONS);
        String dead = BROKER.newTopic(1);
        String[] keys = keysByPartition();
        try (RunningProduct sharing = start(
                folder.resolve("sharing"),
                accounts(List.of("full", "free")),
                shared + "=full",
                "webhooks.kafka.group=sharing",
                "webhooks.kafka.dead-letters=" + dead,
                "webhooks.kafka.trust-account=true",
                "webhooks.store.max-waiting=20")) {
            Admission admission = sharing.part("admission", Admission.class);
            assertEquals(
                    200,
                    sharing.post("/v1/webhooks/all/pause", key("full"), "application/json", "")
                            .statusCode());
            for (int i = 0; i < 11; i++) {
                assertEquals(
                        202,
                        sharing.postEvent(key("full"), event("posted" + i, "s", i))
                                .statusCode());
            }
            admission.refresh();
            assertEquals(Set.of("full"), admission.accountsAboveShare());

            BROKER.send(shared, keys[0], of("free", "free-0"));
            BROKER.send(shared, keys[0], of("full", "full-0"));
            BROKER.send(shared, keys[0], of("free", "free-behind"));
            BROKER.send(shared, keys[1], event("full-1", "s", 1));
            BROKER.send(shared, keys[2], of("free", "free-2"));
            sharing.awaitDeliveries(key("free"), "free-0", 1, "delivered");
            sharing.awaitDeliveries(key("free"), "free-2", 1, "delivered");
            await().until(() -> BROKER.committed("sharing", shared) == 2);
            sharing.camel().getRouteController().stopRoute("ingest-kafka", PATIENCE.toSeconds(), TimeUnit.SECONDS);
            sharing.camel().getRouteController().startRoute("ingest-kafka");
            BROKER.send(shared, keys[2], of("free", "free-3"));
            sharing.awaitDeliveries(key("free"), "free-3", 1, "delivered");
            await().until(() -> BROKER.committed("sharing", shared) == 3);
            assertEquals(1, BROKER.committed("sharing", shared, 0), "what is behind waits with it");

            assertEquals(
                    200,
                    sharing.post("/v1/webhooks/all/resume", key("full"), "application/json", "")
                            .statusCode());
            await().until(() -> {
                admission.refresh();
                return admission.accountsAboveShare().isEmpty();
            });
            await().until(() -> BROKER.committed("sharing", shared) == 6);
            sharing.awaitDeliveries(key("full"), "full-0", 1, "delivered");
            sharing.awaitDeliveries(key("full"), "full-1", 1, "delivered");
            sharing.awaitDeliveries(key("free"), "free-behind", 1, "delivered");
        }
        assertEquals(4, received("free").size());
        assertEquals(13, received("full").size());
        assertEquals(List.of(), BROKER.all(dead));
    }

    private static String of(String account, String id) {
        return "{\"account\":\"" + account + "\"," + event(id, "s", 1).substring(1);
    }

    /** For each partition a key of its records. */
    private static String[] keysByPartition() {
        String[] keys = new String[PARTITIONS];
        for (int i = 0; Stream.of(keys).anyMatch(Objects::isNull); i++) {
            String key = "key-" + i;
            keys[BuiltInPartitioner.partitionForKey(key.getBytes(StandardCharsets.UTF_8), PARTITIONS)] = key;
        }
        return keys;
    }

    private static void config(String accounts) {
        product.config(accounts);
        product.part("config", ActiveConfig.class).reread();
    }

    @Test
    void nothing_is_committed_while_the_store_fails_and_everything_arrives_once_when_it_works() throws Exception {
        try (Connection locking = DriverManager.getConnection("jdbc:sqlite:" + product.storeFile());
                Statement statement = locking.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            for (int i = 0; i < 30; i++) {
                BROKER.send(topic, "key-" + i % 5, event("e" + i, "key-" + i % 5, i));
            }
            awaitInFlight();
            assertEquals(0, BROKER.committed(GROUP, topic));
            statement.execute("ROLLBACK");
        }
        awaitCommitted(30);
        await().until(() -> received().size() >= 30);
        assertEquals(30, received().size());
    }

    /** On a partition of which nothing was ever committed, the one place where Camel's consumer has nothing to go back to. */
    @Test
    void a_batch_that_fails_while_the_route_is_being_suspended_is_read_again_when_it_is_resumed() throws Exception {
        try (Connection locking = DriverManager.getConnection("jdbc:sqlite:" + product.storeFile());
                Statement statement = locking.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            for (int i = 0; i < 5; i++) {
                BROKER.send(topic, "k", event("e" + i, "s", i));
            }
            awaitInFlight();
            // it waits for longer than the store is waited for: what does not end by then is broken off
            suspend();
            statement.execute("ROLLBACK");
        }
        assertEquals(List.of(), received());
        product.camel().getRouteController().resumeRoute("ingest-kafka");
        awaitCommitted(5);
        await().until(() -> received().size() == 5);
    }

    /** Cannot read a marked value the first times. Thread-safe. */
    public static final class FaultyDeserializer extends ByteArrayDeserializer {

        /** The first two end a poll that has records to give out; the third is thrown by the next poll. */
        private static final AtomicInteger FAULTS = new AtomicInteger();

        private static final String MARK = "faulty";

        @Override
        public byte[] deserialize(String topic, byte[] value) {
            if (value != null && utf8(value).contains(MARK) && FAULTS.getAndDecrement() > 0) {
                throw new SerializationException("played by the test");
            }
            return value;
        }

        private static String utf8(byte[] value) {
            return new String(value, StandardCharsets.UTF_8);
        }
    }

    /** The client has read records before it, of which Camel's consumer is still making a batch. */
    @Test
    void an_exception_of_kafkas_client_while_it_polls_loses_no_event_and_the_route_continues() throws Exception {
        try (LogLines log = new LogLines("org.apache.camel.component.kafka")) {
            FaultyDeserializer.FAULTS.set(3);
            List<String> sent = new ArrayList<>();
            suspend();
            for (int i = 0; i < 30; i++) {
                sent.add((i == 20 ? FaultyDeserializer.MARK : "e") + i);
                BROKER.send(topic, "key-" + i % 5, event(sent.get(i), "s", i));
            }
            product.camel().getRouteController().resumeRoute("ingest-kafka");
            await().until(() -> FaultyDeserializer.FAULTS.get() <= 0);
            for (int i = 30; i < 40; i++) {
                sent.add("e" + i);
                BROKER.send(topic, "key-" + i % 5, event(sent.get(i), "s", i));
            }
            awaitCommitted(sent.size());

            List<String> stored = new ArrayList<>();
            product.read("/v1/deliveries?limit=200", key)
                    .path("items")
                    .forEach(item -> stored.add(item.path("event").asText()));
            assertEquals(
                    sent.stream().sorted().toList(), stored.stream().sorted().toList());
            List<ILoggingEvent> warnings = log.events().stream()
                    .filter(line -> line.getLevel().isGreaterOrEqual(Level.WARN))
                    .toList();
            assertEquals(
                    List.of("KafkaFetchRecords", "ReconnectErrorStrategy"),
                    warnings.stream()
                            .map(line -> line.getLoggerName().replaceFirst(".*\\.", ""))
                            .toList());
            String said = warnings.get(0).getFormattedMessage();
            assertTrue(
                    said.contains("RecordDeserializationException") && said.contains("partition " + topic + "-"), said);
            assertTrue(warnings.stream().allMatch(line -> line.getThrowableProxy() == null));
        }
    }

    @Test
    void a_record_polled_twice_is_one_event_and_the_order_of_a_key_is_kept() throws Exception {
        int events = 300;
        for (int i = 0; i < events; i++) {
            BROKER.send(topic, "key-" + i % 7, event("e" + i, "key-" + i % 7, i));
        }
        awaitCommitted(events);
        // as after a crash before the commit of offsets
        product.camel().getRouteController().stopRoute("ingest-kafka", PATIENCE.toSeconds(), TimeUnit.SECONDS);
        BROKER.rewind(GROUP, topic);
        product.camel().getRouteController().startRoute("ingest-kafka");
        awaitCommitted(events);
        await().until(() -> received().size() >= events);
        assertEquals(events, received().size());
        Map<String, List<Integer>> stored = new HashMap<>();
        String cursor = "";
        do {
            JsonNode page = product.read("/v1/deliveries?limit=200" + cursor, key);
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
        suspend();
        int events = 400;
        for (int i = 0; i < events; i++) {
            BROKER.send(topic, "key", event("e" + i, "key", i));
        }
        ManagedRouteMBean route = product.camel()
                .getCamelContextExtension()
                .getContextPlugin(ManagedCamelContext.class)
                .getManagedRoute("ingest-kafka");
        long before = route.getExchangesTotal();
        product.camel().getRouteController().resumeRoute("ingest-kafka");
        awaitCommitted(events);
        await().until(() -> received().size() == events);
        long batches = route.getExchangesTotal() - before;
        assertTrue(batches > 0);
        assertTrue(batches <= events / 20, () -> batches + " commits for " + events + " records");
    }
}
