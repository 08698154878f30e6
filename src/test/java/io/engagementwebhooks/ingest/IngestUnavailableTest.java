package io.engagementwebhooks.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.OneWebhook;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Events that cannot be stored get 503, and nothing is half written (semantics 6). Its own products: the store is locked or
 * full, the route stopped.
 */
@Timeout(300)
class IngestUnavailableTest {

    private static final String KEY = "an-admin-key-of-acme";
    private static final String BATCH = "application/cloudevents-batch+json";

    @AutoClose
    private static Receiver receiver;

    @AutoClose
    private static RunningProduct product;

    @BeforeAll
    static void start(@TempDir Path folder) {
        receiver = new Receiver(got -> new Receiver.Reply(204));
        product = started(folder, "webhooks.ingest.workers=2");
    }

    private static RunningProduct started(Path folder, String... settings) {
        return RunningProduct.start(folder, OneWebhook.all(KEY, receiver.url()), settings);
    }

    private static String event(String id, String data) {
        return "{\"specversion\":\"1.0\",\"id\":\"" + id + "\",\"source\":\"/s\",\"type\":\"call.ended\",\"data\":"
                + data + "}";
    }

    private static HttpResponse<String> send(RunningProduct to, String id) {
        return to.postEvent(KEY, event(id, "1"));
    }

    private static List<String> stored(RunningProduct in, String event) {
        return in.read("/v1/deliveries?event=" + event, KEY).get("items").findValuesAsText("event");
    }

    @Test
    void while_the_store_is_locked_events_get_503_and_nothing_is_half_written() throws Exception {
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + product.storeFile());
                Statement statement = other.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            String batch = "[" + event("l1", "1") + "," + event("l2", "1") + "]";
            HttpResponse<String> answer = product.post("/v1/events", KEY, BATCH, batch);
            assertEquals(503, answer.statusCode(), answer.body());
            assertEquals(
                    "urn:engagement-webhooks:problem:store-unavailable",
                    RunningProduct.json(answer).get("type").asText());
            assertTrue(answer.headers().firstValue("Retry-After").isPresent());
            assertFalse(answer.body().contains("SQLITE"), answer.body());
            assertEquals(List.of(), stored(product, "l1"));
            assertEquals(List.of(), stored(product, "l2"));
            statement.execute("ROLLBACK");
        }
        assertEquals(202, send(product, "l1").statusCode());
        assertEquals(202, send(product, "l2").statusCode());
        product.awaitDeliveries(KEY, "l2", 1, "delivered");
    }

    @Test
    void while_the_store_is_full_events_get_503_and_reads_work(@TempDir Path folder) {
        try (RunningProduct before = started(folder)) {
            send(before, "before");
            before.awaitDeliveries(KEY, "before", 1, "delivered");
        }
        try (RunningProduct full = started(folder, "webhooks.store.max-size=1")) {
            HttpResponse<String> answer = Awaitility.await()
                    .until(() -> send(full, "more-" + System.nanoTime()), sent -> sent.statusCode() != 202);
            assertEquals(503, answer.statusCode());
            assertEquals(
                    "urn:engagement-webhooks:problem:store-full",
                    RunningProduct.json(answer).get("type").asText());
            assertEquals("30", answer.headers().firstValue("Retry-After").orElse(""));
            assertEquals(List.of("before"), stored(full, "before"));
        }
    }

    @Test
    void events_that_wait_for_the_store_leave_threads_for_other_requests() throws Exception {
        ExecutorService senders = Executors.newFixedThreadPool(8);
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + product.storeFile());
                Statement statement = other.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            List<Future<HttpResponse<String>>> answers = IntStream.range(0, 8)
                    .mapToObj(i -> senders.submit(() -> send(product, "waiting-" + i)))
                    .toList();
            Awaitility.await()
                    .until(() -> product.camel().getInflightRepository().size("ingest-events") == 8);

            assertEquals(200, product.get("/v1/webhooks", KEY).statusCode());

            statement.execute("ROLLBACK");
            for (Future<HttpResponse<String>> answer : answers) {
                // 503: this machine took longer to get here than the store waits
                assertTrue(Set.of(202, 503).contains(answer.get().statusCode()));
            }
        } finally {
            senders.shutdownNow();
        }
    }
}
