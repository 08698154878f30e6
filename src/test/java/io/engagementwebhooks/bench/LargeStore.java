package io.engagementwebhooks.bench;

import com.github.f4b6a3.ulid.Ulid;
import io.engagementwebhooks.store.MinuteCounts;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.webhook.setup.Vault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Fills an embedded store as months of work would have, but in minutes: the rows are those that the product writes, by
 * direct SQL, and indexes of the large tables are made afterwards. Most of it belongs to account {@code large}: its webhooks
 * were made by the API, one delivery of ten goes to webhook {@code w-000000}, the others to all alike. One delivery in 20
 * waits, half of these for {@code w-000000}; of ten events nine have no payload any more.
 */
final class LargeStore {

    static final String ACCOUNT = "large";
    static final String BUSY = "w-000000";

    private static final int ROWS_IN_A_TRANSACTION = 200_000;
    private static final long SPREAD = Duration.ofDays(30).toMillis();
    private static final long DAY = Duration.ofDays(1).toMillis();
    private static final String NO_ANSWER = "The endpoint did not answer within 10 s";

    private final Path file;
    private final int webhooks;
    private final int deliveries;
    private final long now = System.currentTimeMillis();
    private final Random random = new Random(42);

    LargeStore(Path file, int webhooks, int deliveries) {
        this.file = file;
        this.webhooks = webhooks;
        this.deliveries = deliveries;
    }

    /** Makes the file, which must not be there yet. */
    void fill() throws IOException, SQLException {
        Files.createDirectories(file.getParent());
        SqliteStore.open(file, Clock.systemUTC()).close();
        Vault vault = Vault.make(file.resolveSibling(file.getFileName() + ".key"), new SecureRandom());
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
            execute(connection, "PRAGMA synchronous = OFF");
            execute(connection, "PRAGMA cache_size = -1000000");
            connection.setAutoCommit(false);
            insertWebhooks(connection, vault);
            List<String> indexes = dropIndexes(connection);
            insertDeliveries(connection);
            insertFigures(connection);
            for (String index : indexes) {
                execute(connection, index);
            }
            connection.commit();
            connection.setAutoCommit(true);
            execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String name(int webhook) {
        return "w-%06d".formatted(webhook);
    }

    private void insertWebhooks(Connection connection, Vault vault) throws SQLException {
        insert(
                connection,
                "INSERT INTO setting (name, value) VALUES ('key-id', ?)",
                vault.keyId().getBytes(StandardCharsets.US_ASCII));
        insert(connection, "INSERT INTO account (key, id) VALUES (1, ?)", ACCOUNT);
        try (PreparedStatement state =
                        connection.prepareStatement("INSERT INTO webhook (key, account, name, state, reason,"
                                + " since, gave_up, gave_up_since, failing_since) VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?)");
                PreparedStatement definition =
                        connection.prepareStatement("INSERT INTO definition (account, kind, name,"
                                + " version, sealed, changed_at) VALUES (1, 'webhook', ?, ?, ?, ?)")) {
            for (int i = 0; i < webhooks; i++) {
                boolean paused = i % 200 == 7;
                boolean failing = i % 500 == 11;
                set(
                        state,
                        i + 1,
                        name(i),
                        paused ? "paused" : "active",
                        paused ? "paused by key 'admin'" : null,
                        paused ? now - DAY : null,
                        failing ? 5 : 0,
                        failing ? now - DAY : null,
                        failing ? now - DAY : null);
                state.addBatch();
                set(
                        definition,
                        name(i),
                        Ulid.fast().toString(),
                        vault.seal(definition(i).getBytes(StandardCharsets.UTF_8)),
                        now - SPREAD);
                definition.addBatch();
                if (i % 10_000 == 9_999) {
                    state.executeBatch();
                    definition.executeBatch();
                }
            }
            state.executeBatch();
            definition.executeBatch();
        }
        connection.commit();
    }

    private static String definition(int webhook) {
        return "{\"name\":\"" + name(webhook) + "\",\"events\":[\""
                + (webhook % 3 == 0 ? "call.*" : "call.type-" + webhook % 1000)
                + "\"],\"delivery\":{\"url\":\"https://receiver-" + webhook % 5000
                + ".example.com/hook\",\"authentication\":{\"type\":\"header\",\"user\":\"u\",\"password\":\"p-"
                + webhook
                + "\"}}}";
    }

    private static List<String> dropIndexes(Connection connection) throws SQLException {
        List<String> names = new ArrayList<>();
        List<String> made = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT name, sql FROM sqlite_master WHERE type = 'index'"
                        + " AND sql IS NOT NULL AND tbl_name IN ('event', 'delivery', 'attempt')")) {
            while (rows.next()) {
                names.add(rows.getString(1));
                made.add(rows.getString(2));
            }
        }
        for (String name : names) {
            execute(connection, "DROP INDEX " + name);
        }
        return made;
    }

    private void insertDeliveries(Connection connection) throws SQLException {
        try (PreparedStatement event = connection.prepareStatement(
                        "INSERT INTO event (key, account, source, id, type, subject,"
                                + " time, accepted_at, data_sha256, deliveries, document) VALUES (?, 1, '/calls', ?, ?, ?, ?, ?, ?, 1, ?)");
                PreparedStatement delivery =
                        connection.prepareStatement("INSERT INTO delivery (id, account, webhook, event,"
                                + " state, outcome, reason, attempts, accepted_at, started_at, due_at, ended_at)"
                                + " VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
                PreparedStatement attempt = connection.prepareStatement(
                        "INSERT INTO attempt (delivery, number, started_at, ms,"
                                + " outcome, reason, status, headers, body, timing) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            for (int i = 0; i < deliveries; i++) {
                insertDelivery(i, event, delivery, attempt);
                if (i % 10_000 == 9_999) {
                    event.executeBatch();
                    delivery.executeBatch();
                    attempt.executeBatch();
                }
                if (i % ROWS_IN_A_TRANSACTION == ROWS_IN_A_TRANSACTION - 1) {
                    connection.commit();
                }
            }
            event.executeBatch();
            delivery.executeBatch();
            attempt.executeBatch();
            connection.commit();
        }
    }

    private void insertDelivery(int i, PreparedStatement event, PreparedStatement delivery, PreparedStatement attempt)
            throws SQLException {
        long at = now - SPREAD + (long) ((double) SPREAD * i / deliveries);
        String document = "{\"specversion\":\"1.0\",\"id\":\"" + eventId(i)
                + "\",\"source\":\"/calls\",\"type\":\"call.ended\",\"subject\":\"call/" + i
                + "\",\"data\":{\"cdr_id\":" + i + ",\"duration\":192,\"answered\":true,\"agent\":\"agent-" + i % 300
                + "\"}}";
        set(
                event,
                i + 1,
                eventId(i),
                "call.ended",
                "call/" + i,
                at,
                at,
                sha256(i),
                i >= deliveries / 10 * 9 ? document.getBytes(StandardCharsets.UTF_8) : null);
        event.addBatch();
        boolean busy = i % 10 == 0;
        int webhook = busy ? 1 : 2 + random.nextInt(Math.max(1, webhooks - 1));
        String id = new Ulid(at, bytes(i)).toString();
        // of the busiest webhook nothing gives up, so that who looks for that would go through all of it
        int kind = random.nextInt(1000);
        String state = kind < (busy ? 250 : 28)
                ? "waiting"
                : busy || kind < 960 ? "delivered" : kind < 980 ? "gave-up" : kind < 995 ? "skipped" : "discarded";
        int attempts = state.equals("skipped") ? 0 : state.equals("gave-up") ? 3 : 1;
        boolean well = state.equals("delivered");
        set(
                delivery,
                id,
                webhook,
                i + 1,
                state,
                state.equals("waiting") || state.equals("discarded") ? "try-later" : state,
                well ? "" : state.equals("skipped") ? "The condition does not hold" : NO_ANSWER,
                attempts,
                at,
                at,
                state.equals("waiting") ? now + DAY + random.nextInt((int) DAY) : null,
                state.equals("waiting") ? null : at + 900);
        delivery.addBatch();
        for (int number = 1; number <= attempts; number++) {
            boolean last = number == attempts;
            set(
                    attempt,
                    id,
                    number,
                    at + number,
                    20 + random.nextInt(200),
                    last && !state.equals("waiting") && !state.equals("discarded") ? state : "try-later",
                    well ? "" : NO_ANSWER,
                    well ? 200 : null,
                    well ? "{\"content-type\":\"application/json\",\"date\":\"Tue, 24 Nov 2026 09:31:07 GMT\"}" : null,
                    well ? "{\"ok\":true}".getBytes(StandardCharsets.UTF_8) : null,
                    "{\"dns\":0,\"connect\":0,\"tls\":0,\"wait\":12,\"body\":0}");
            attempt.addBatch();
        }
    }

    private static String eventId(int i) {
        return "call-%09d".formatted(i);
    }

    private byte[] sha256(int i) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes(i));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static byte[] bytes(int i) {
        return new byte[] {0, 0, 0, 0, 0, 0, (byte) (i >> 24), (byte) (i >> 16), (byte) (i >> 8), (byte) i};
    }

    /** A week of minutes: older ones are forgotten. */
    private void insertFigures(Connection connection) throws SQLException {
        long minute = MinuteCounts.minuteOf(now);
        try (PreparedStatement figure = connection.prepareStatement("INSERT INTO figure (account, minute, "
                + MinuteCounts.columnList() + ") VALUES (1, ?" + ", ?".repeat(MinuteCounts.COLUMNS.size()) + ")")) {
            for (long at = minute - 7 * 24 * 60; at <= minute; at++) {
                Object[] values = new Object[MinuteCounts.COLUMNS.size() + 1];
                Arrays.fill(values, 10);
                values[0] = at;
                set(figure, values);
                figure.addBatch();
            }
            figure.executeBatch();
        }
    }

    private static void insert(Connection connection, String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            set(statement, values);
            statement.executeUpdate();
        }
    }

    private static void set(PreparedStatement statement, Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
    }
}
