package io.engagementwebhooks.operate;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.OneWebhook;
import io.engagementwebhooks.testkit.Postgres;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A store that moves from SQLite to PostgreSQL by {@code --copy-to}. Starts two products. */
@Timeout(300)
class MovedStoreTest {

    private static final String KEY = "moved-store-admin-key-0123456789";
    private static final String PASSWORD = "sealed-in-the-store";

    @TempDir
    Path folder;

    private final String database = Postgres.emptyDatabase();
    private final AtomicBoolean refuses = new AtomicBoolean();
    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(refuses.get() ? 503 : 200));

    @AfterEach
    void close() {
        receiver.close();
        Postgres.drop(database);
    }

    private String accounts() {
        return OneWebhook.named("calls", KEY, receiver.url(), "retry: [1s, 1h]");
    }

    private static void post(RunningProduct product, String id, int status) {
        HttpResponse<String> answer = product.postEvent(
                KEY,
                "{\"specversion\":\"1.0\",\"id\":\"" + id
                        + "\",\"source\":\"/calls\",\"type\":\"call.ended\",\"data\":{\"id\":\"" + id + "\"}}");
        assertEquals(status, answer.statusCode(), answer.body());
    }

    private static void did(RunningProduct product, String path) {
        HttpResponse<String> answer = product.post(path, KEY, "application/json", "");
        assertTrue(answer.statusCode() < 300, answer.body());
    }

    private static List<String> ids(RunningProduct product) {
        List<String> ids = new ArrayList<>();
        product.read("/v1/deliveries?limit=200", KEY)
                .get("items")
                .forEach(item -> ids.add(
                        item.get("id").asText() + " " + item.get("state").asText() + " "
                                + item.get("attemptCount").asText() + " "
                                + item.get("webhook").asText()));
        return ids;
    }

    private long received(String event, String header) {
        return receiver.requests().stream()
                .filter(got -> got.body().contains("\"" + event + "\"") && got.header(header) != null)
                .count();
    }

    @Test
    void it_continues_where_it_was() throws Exception {
        List<String> deliveries;
        JsonNode attempts;
        String attemptsOf;
        try (RunningProduct product = RunningProduct.start(folder, accounts())) {
            post(product, "delivered", 202);
            JsonNode delivered = product.awaitDeliveries(KEY, "delivered", 1, "delivered");
            attemptsOf = "/v1/deliveries/" + delivered.get(0).get("id").asText() + "/attempts";
            HttpResponse<String> made = product.post(
                    "/v1/webhooks",
                    KEY,
                    "application/json",
                    """
                    {"name": "made", "events": ["*"], "delivery": {"url": "%s", "authentication":
                      {"type": "header", "user": "me", "password": "%s"}}}
                    """
                            .formatted(receiver.url(), PASSWORD));
            assertEquals(201, made.statusCode(), made.body());
            did(product, "/v1/webhooks/calls/pause");
            did(product, "/v1/webhooks/made/pause");
            post(product, "paused", 202);
            product.awaitDeliveries(KEY, "paused", 2, "paused", "waiting");
            deliveries = ids(product);
            attempts = product.read(attemptsOf, KEY);
        }
        copy();
        String key = Files.readString(folder.resolve("data/webhooks.db.key")).strip();
        try (RunningProduct product = RunningProduct.start(
                folder,
                accounts(),
                "webhooks.store.url=" + database,
                "webhooks.store.user=" + Postgres.USER,
                "webhooks.store.key=" + key)) {
            assertEquals(deliveries, ids(product));
            assertEquals(attempts, product.read(attemptsOf, KEY));
            post(product, "delivered", 200);
            did(product, "/v1/webhooks/calls/resume");
            did(product, "/v1/webhooks/made/resume");
            product.awaitDeliveries(KEY, "paused", 2, "delivered");
            assertEquals(1, received("paused", "Authorization"), "what was sealed is opened");
            post(product, "after", 202);
            product.awaitDeliveries(KEY, "after", 2, "delivered");
            did(product, attemptsOf.replace("/attempts", "/replay"));
            await().until(() -> received("delivered", "webhook-id") == 2);
        }
    }

    private void copy() throws IOException {
        Files.writeString(
                folder.resolve("application.properties"),
                "webhooks.store.url=jdbc:sqlite:" + folder.resolve("data/webhooks.db") + "\nwebhooks.store.user="
                        + Postgres.USER + "\n");
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        assertEquals(0, CommandLine.in(folder, out, out, "--copy-to", database), said::toString);
        assertTrue(said.toString(StandardCharsets.UTF_8).contains("checksums are the same on both sides"));
        assertFalse(said.toString(StandardCharsets.UTF_8).contains(PASSWORD));
        Files.delete(folder.resolve("application.properties"));
    }
}
