package io.engagementwebhooks;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.SeparateProduct;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Semantics 40 on a process with the memory that the README promises: a batch of too many deliveries is refused, and an event for
 * thousands of webhooks that is sent until it is acknowledged is delivered once to each, however often the process is killed.
 */
@ExtendWith(Patience.class)
class FanOutKilledTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String KEY = "fan-out-admin-key-0123456789";
    private static final int WEBHOOKS = 10_000;
    private static final int KILLS = 10;

    @TempDir
    Path folder;

    private final ExecutorService sender = Executors.newSingleThreadExecutor();

    @AfterEach
    void close() {
        sender.shutdownNow();
    }

    private static String event(String id) {
        return event(id, 0);
    }

    private static String event(String id, int data) {
        return "{\"specversion\":\"1.0\",\"id\":\"" + id + "\",\"source\":\"s\",\"type\":\"t\",\"data\":" + data + "}";
    }

    /** A receiver on a busy machine may fail an attempt, and a delivery must not wait for minutes then. */
    private static String webhooks(Receiver receiver) {
        StringBuilder yaml = new StringBuilder("accounts:\n  - id: acme\n    apiKeys: [{name: all, role: admin, key: ")
                .append(KEY)
                .append("}]\n    webhooks:\n");
        for (int i = 0; i < WEBHOOKS; i++) {
            yaml.append("      - {name: w")
                    .append(i)
                    .append(", events: [t], delivery: {url: '")
                    .append(receiver.url().resolve("/w" + i))
                    .append("', authentication: {type: none}}, retry: [1s, 2s, 4s, 8s, 16s, 32s]}\n");
        }
        return yaml.toString();
    }

    @Test
    void a_batch_of_too_many_is_refused_and_each_of_many_webhooks_is_sent_an_event_once_also_after_kills()
            throws Exception {
        try (Receiver receiver = new Receiver(got -> new Receiver.Reply(200));
                SeparateProduct product = new SeparateProduct(folder, KEY)) {
            Files.writeString(folder.resolve("webhooks.yaml"), webhooks(receiver));
            product.start(List.of());
            assertIsRefused(product);

            int acknowledged = 0;
            for (int kills = 0; kills < KILLS; ) {
                if (isKilledBeforeAllAreStored(product, "e" + acknowledged)) {
                    product.start(List.of());
                    kills++;
                } else {
                    acknowledged++;
                }
            }
            HttpResponse<String> again = acknowledged(product, event("e" + acknowledged, 0));
            assertEquals(202, again.statusCode(), again.body());
            assertEquals(
                    WEBHOOKS, JSON.readTree(again.body()).path("deliveries").asInt());
            int all = WEBHOOKS * (acknowledged + 1);
            await().until(() -> query("SELECT count(*) FROM delivery WHERE state = 'delivered'") == all);

            assertEquals(all, ids(receiver).size(), "deliveries by their ids; one in flight at a kill is sent again");
            for (int i = 0; i <= acknowledged; i++) {
                assertEquals(WEBHOOKS, paths(receiver, "e" + i).size(), "webhooks that got event e" + i);
            }
            assertEquals(KILLS, query("SELECT count(*) FROM incomplete_event"));
            execute("UPDATE incomplete_event SET written_at = written_at - 600000");
            await().until(() -> query("SELECT count(*) FROM incomplete_event") == 0);
            assertEquals(all, query("SELECT count(*) FROM delivery"), "what was never acknowledged is removed");
        }
    }

    /** 37 million deliveries in 250 KB. */
    private static void assertIsRefused(SeparateProduct product) throws IOException {
        String batch =
                IntStream.range(0, 3_700).mapToObj(i -> event("b" + i)).collect(Collectors.joining(",", "[", "]"));
        assertTrue(batch.length() > 230_000 && batch.length() < 256 << 10, "bytes: " + batch.length());
        HttpResponse<String> refused = product.send("/v1/events", batch, "application/cloudevents-batch+json");
        assertEquals(413, refused.statusCode(), refused.body());
        JsonNode problem = JSON.readTree(refused.body());
        assertEquals(
                "urn:engagement-webhooks:problem:too-many-deliveries",
                problem.path("type").asText());
        String detail = problem.path("detail").asText();
        assertTrue(detail.contains("webhooks.ingest.max-deliveries") && detail.contains("each event alone"), detail);
        assertTrue(product.process().isAlive());
    }

    /**
     * Sends an event, in half of the cases with other data than before, and kills the product after some of its parts. The
     * store is held at the kill, so that the event is incomplete then. @return false: the event was acknowledged before
     */
    private boolean isKilledBeforeAllAreStored(SeparateProduct product, String id) throws Exception {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        String event = event(id, random.nextInt(2));
        int most = random.nextInt(WEBHOOKS / 10);
        Future<?> sending = sender.submit(() -> sendUntilKilled(product, event));
        try (Connection store = store();
                Statement statement = store.createStatement()) {
            long before = written(statement);
            while (!sending.isDone()) {
                statement.execute("BEGIN IMMEDIATE");
                long now = written(statement);
                boolean isKilled = now != 0 && now != before && (now < before || now >= most);
                if (isKilled) {
                    product.process().destroyForcibly().waitFor();
                }
                statement.execute("ROLLBACK");
                if (isKilled) {
                    return true;
                }
            }
        }
        sending.get();
        return false;
    }

    /** The number of stored deliveries of the last incomplete event. */
    private static long written(Statement statement) throws SQLException {
        return query(
                statement, "SELECT count(*) FROM delivery WHERE event = (SELECT max(event) FROM incomplete_event)");
    }

    private static Void sendUntilKilled(SeparateProduct product, String event) {
        try {
            assertEquals(202, acknowledged(product, event).statusCode());
        } catch (IOException e) {
            // it was killed
        }
        return null;
    }

    /** Sends an event until it is not refused for the deliveries of the one before it. */
    private static HttpResponse<String> acknowledged(SeparateProduct product, String event) throws IOException {
        return await().until(() -> product.send("/v1/events", event), answer -> answer.statusCode() != 503);
    }

    private Connection store() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("data/webhooks.db") + "?busy_timeout=60000");
    }

    private void execute(String sql) throws SQLException {
        try (Connection store = store();
                Statement statement = store.createStatement()) {
            statement.execute(sql);
        }
    }

    private long query(String sql) throws SQLException {
        try (Connection store = store();
                Statement statement = store.createStatement()) {
            return query(statement, sql);
        }
    }

    private static long query(Statement statement, String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }

    private static Set<String> ids(Receiver receiver) {
        return receiver.requests().stream()
                .map(got -> got.header("webhook-id"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> paths(Receiver receiver, String event) {
        return receiver.requests().stream()
                .filter(got -> got.body().contains("\"id\":\"" + event + "\""))
                .map(got -> got.target().getPath())
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
