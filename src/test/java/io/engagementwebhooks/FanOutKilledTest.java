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
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Semantics 40 on a process with the memory that the README promises: a batch of too many deliveries is refused, and an event for
 * thousands of webhooks is delivered once to each, also when the process is killed before it has inserted them.
 */
@ExtendWith(Patience.class)
class FanOutKilledTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String KEY = "fan-out-admin-key-0123456789";
    private static final int WEBHOOKS = 5_000;

    @TempDir
    Path folder;

    private static String event(String id) {
        return "{\"specversion\":\"1.0\",\"id\":\"" + id + "\",\"source\":\"s\",\"type\":\"t\"}";
    }

    private static String webhooks(Receiver receiver) {
        StringBuilder yaml = new StringBuilder("accounts:\n  - id: acme\n    apiKeys: [{name: all, role: admin, key: ")
                .append(KEY)
                .append("}]\n    webhooks:\n");
        for (int i = 0; i < WEBHOOKS; i++) {
            yaml.append("      - {name: w")
                    .append(i)
                    .append(", events: [t], delivery: {url: '")
                    .append(receiver.url().resolve("/w" + i))
                    .append("', authentication: {type: none}}}\n");
        }
        return yaml.toString();
    }

    @Test
    void a_batch_of_too_many_is_refused_and_each_of_many_webhooks_is_sent_an_event_once_also_after_a_kill()
            throws Exception {
        try (Receiver receiver = new Receiver(got -> new Receiver.Reply(200));
                SeparateProduct product = new SeparateProduct(folder, KEY)) {
            Files.writeString(folder.resolve("webhooks.yaml"), webhooks(receiver));
            product.start(List.of());

            assertIsRefused(product);

            List<String> acknowledged = killBeforeAllAreInserted(product);
            product.start(List.of());
            int all = WEBHOOKS * acknowledged.size();
            await().until(() -> ids(receiver).size() >= all);
            await().until(() -> query("SELECT count(*) FROM delivery WHERE state = 'delivered'") == all);

            assertEquals(all, ids(receiver).size(), "deliveries by their ids");
            for (String id : acknowledged) {
                assertEquals(WEBHOOKS, paths(receiver, id).size(), "webhooks that got event " + id);
            }
            assertEquals(all, query("SELECT count(*) FROM delivery"));
            assertEquals(0, query("SELECT count(*) FROM fan_out"));
        }
    }

    /** 22 million deliveries in 250 KB. */
    private static void assertIsRefused(SeparateProduct product) throws IOException {
        String batch =
                IntStream.range(0, 4_400).mapToObj(i -> event("b" + i)).collect(Collectors.joining(",", "[", "]"));
        assertTrue(batch.length() > 230_000 && batch.length() < 256 << 10, "bytes: " + batch.length());
        HttpResponse<String> refused = product.send("/v1/events", batch, "application/cloudevents-batch+json");
        assertEquals(413, refused.statusCode(), refused.body());
        JsonNode problem = JSON.readTree(refused.body());
        assertEquals(
                "urn:engagement-webhooks:problem:too-many-deliveries",
                problem.path("type").asText());
        String detail = problem.path("detail").asText();
        assertTrue(detail.contains("webhooks.ingest.max-deliveries") && detail.contains("at most 2 events"), detail);
        assertTrue(product.process().isAlive());
    }

    /** The store is held while it is killed, so that nothing is inserted between a look at it and the end. */
    private List<String> killBeforeAllAreInserted(SeparateProduct product) throws Exception {
        List<String> acknowledged = new ArrayList<>();
        try (Connection store = store();
                Statement statement = store.createStatement()) {
            for (long left = 0; left == 0; ) {
                String id = "e" + acknowledged.size();
                HttpResponse<String> answer = product.send("/v1/events", event(id));
                assertEquals(202, answer.statusCode(), answer.body());
                assertEquals(
                        WEBHOOKS,
                        JSON.readTree(answer.body()).path("deliveries").asInt());
                acknowledged.add(id);
                statement.execute("BEGIN IMMEDIATE");
                left = query(statement, "SELECT count(*) FROM fan_out");
                if (left > 0) {
                    product.process().destroyForcibly().waitFor();
                }
                statement.execute("ROLLBACK");
            }
        }
        return acknowledged;
    }

    private Connection store() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("data/webhooks.db") + "?busy_timeout=60000");
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
