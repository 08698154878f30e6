package io.engagementwebhooks.instances;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.OneWebhook;
import io.engagementwebhooks.testkit.Postgres;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * An instance that runs while a newer version migrates the tables that they share, by additions. Starts a product, and another
 * that is refused.
 */
@Timeout(300)
class RollingUpgradeTest {

    private static final String KEY = "rolling-upgrade-key-0123456789";
    private static final String STORE_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    @TempDir
    Path folder;

    private final String database = Postgres.newDatabase();
    private final AtomicInteger requests = new AtomicInteger();
    /** Refuses each event once, so that each attempt after the first comes from the store. */
    private final Receiver receiver =
            new Receiver(got -> new Receiver.Reply(requests.getAndIncrement() % 2 == 0 ? 503 : 200));

    @AfterEach
    void close() {
        receiver.close();
        Postgres.drop(database);
    }

    private RunningProduct start() {
        return RunningProduct.start(
                folder,
                OneWebhook.named("calls", KEY, receiver.url(), "retry: [100ms, 100ms]"),
                "webhooks.store.url=" + database,
                "webhooks.store.user=" + Postgres.USER,
                "webhooks.store.key=" + STORE_KEY);
    }

    /** A column of each table, as a later version may add, and that version. */
    private void migrate() throws SQLException {
        try (Connection connection = Postgres.connect(database);
                Statement statement = connection.createStatement()) {
            List<String> tables = new ArrayList<>();
            try (var rows = statement.executeQuery(
                    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                            + " AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> 'flyway_schema_history'")) {
                while (rows.next()) {
                    tables.add(rows.getString(1));
                }
            }
            assertTrue(tables.size() > 15);
            for (String table : tables) {
                statement.execute("ALTER TABLE " + table + " ADD COLUMN added_later text NOT NULL DEFAULT 'x'");
            }
            statement.execute("CREATE TABLE added_later (key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)");
            statement.execute("CREATE INDEX event_added_later ON event (added_later)");
            statement.execute("INSERT INTO flyway_schema_history (installed_rank, version, description, type, script,"
                    + " checksum, installed_by, execution_time, success)"
                    + " VALUES (99, '99', 'later', 'SQL', 'V99__later.sql', 1, 'me', 1, true)");
        }
    }

    private static void sendAndReplay(RunningProduct product, String id) {
        String event = "{\"specversion\":\"1.0\",\"id\":\"" + id
                + "\",\"source\":\"/calls\",\"type\":\"call.ended\",\"data\":{}}";
        assertEquals(202, product.postEvent(KEY, event).statusCode());
        String delivery = product.awaitDeliveries(KEY, id, 1, "delivered")
                .get(0)
                .get("id")
                .asText();
        assertEquals(200, product.postEvent(KEY, event).statusCode());
        assertEquals(
                2,
                product.read("/v1/deliveries/" + delivery + "/attempts", KEY)
                        .get("items")
                        .size());
        handle(product, "/v1/deliveries/" + delivery + "/replay");
        product.awaitDeliveries(KEY, id, 1, "delivered");
        handle(product, "/v1/webhooks/calls/pause");
        handle(product, "/v1/webhooks/calls/resume");
    }

    private static void handle(RunningProduct product, String path) {
        HttpResponse<String> answer = product.post(path, KEY, "application/json", "");
        assertTrue(answer.statusCode() < 300, answer.body());
    }

    @Test
    void an_instance_continues_on_tables_with_additions_and_an_old_one_does_not_start_on_them() throws Exception {
        try (RunningProduct product = start()) {
            sendAndReplay(product, "before");
            migrate();
            for (int n = 0; n < 5; n++) {
                sendAndReplay(product, "after-" + n);
            }
            IllegalStateException refused = assertThrows(IllegalStateException.class, this::start);
            assertTrue(
                    refused.getMessage().contains("has version 99, and this version of the product knows up to 4"),
                    refused.getMessage());
            sendAndReplay(product, "last");
        }
    }
}
