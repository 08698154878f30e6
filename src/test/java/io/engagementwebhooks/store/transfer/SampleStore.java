package io.engagementwebhooks.store.transfer;

import io.engagementwebhooks.store.jdbc.Migrations;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An embedded store with rows in every table: values at the limits of their types and unusual texts. No product uses it. */
final class SampleStore {

    static final int EVENTS = 500;
    static final long FIRST_AT = TimeUnit.DAYS.toMillis(20_000) - 5_000;
    static final long INCOMPLETE_EVENT = 1_000_000;
    static final String WITH_NUL = "before\0after";
    static final String UNICODE = "naïve 漢字 \uD83D\uDE00 \\N \t\n'\"";

    private SampleStore() {}

    /** Creates the file. */
    static Path make(Path file) throws SQLException {
        Migrations.sqlite(file).run();
        try (Connection connection = connect(file)) {
            connection.setAutoCommit(false);
            accounts(connection);
            events(connection);
            others(connection);
            connection.commit();
        }
        return file;
    }

    static Connection connect(Path file) throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + file);
    }

    /** Copies a store with its log, as a killed process leaves it. */
    static Path killed(Path store) throws Exception {
        Path killed = store.resolveSibling("killed.db");
        try (Connection writer = connect(store);
                Statement statement = writer.createStatement()) {
            statement.execute("PRAGMA journal_mode = WAL");
            statement.execute("INSERT INTO pending_count VALUES ('in the log', 1)");
            Files.copy(store, killed);
            Files.copy(store.resolveSibling(store.getFileName() + "-wal"), store.resolveSibling("killed.db-wal"));
        }
        return killed;
    }

    private static void accounts(Connection connection) throws SQLException {
        run(connection, "INSERT INTO account (key, id) VALUES (1, 'acme'), (7, ?)", UNICODE);
        run(
                connection,
                "INSERT INTO resource (key, account, kind, id, name, holds_name) VALUES"
                        + " (1, 1, 'webhook', 'wh_1', 'crm', TRUE), (2, 1, 'webhook', 'wh_2', 'crm', NULL),"
                        + " (3, 7, 'connection', 'cn_1', 'org', TRUE)");
        run(
                connection,
                "INSERT INTO webhook (key, account, partition, state, reason, since, paused_total, half_open) VALUES"
                        + " (1, 1, 255, 'paused', 'by hand', ?, ?, TRUE), (2, 1, 0, 'active', NULL, NULL, 0, FALSE)",
                FIRST_AT,
                Long.MAX_VALUE);
    }

    private static void events(Connection connection) throws SQLException {
        for (int n = 1; n <= EVENTS; n++) {
            long at = FIRST_AT + n * 20L;
            boolean waits = n % 7 == 0;
            run(
                    connection,
                    "INSERT INTO event (key, account, source, id, type, subject, time, accepted_at, data_sha256, deliveries,"
                            + " trace, document) VALUES (?, ?, ?, ?, 'call.ended', ?, ?, ?, ?, 1, NULL, ?)",
                    n,
                    n % 2 == 0 ? 1 : 7,
                    "/calls/" + UNICODE,
                    "call-" + n,
                    n % 3 == 0 ? "" : "call/" + n,
                    n % 5 == 0 ? null : -at,
                    at,
                    new byte[] {(byte) n, 0, (byte) 0xff},
                    n % 4 == 0 ? null : document(n));
            run(
                    connection,
                    "INSERT INTO delivery (key, account, id, webhook, event, state, outcome, problem, reason, status, attempts,"
                            + " accepted_at, due_at, ended_at, replay_of, fifo_key) VALUES"
                            + " (?, 1, ?, 1, ?, ?, ?, ?, ?, 200, 1, ?, ?, ?, ?, ?)",
                    n,
                    "01K" + n,
                    n,
                    waits ? "waiting" : "delivered",
                    waits ? "try-later" : "delivered",
                    waits ? "try-later" : null,
                    n % 11 == 0 ? WITH_NUL : UNICODE,
                    at,
                    at,
                    waits ? null : at + 5,
                    n == 8 ? "01K7" : null,
                    waits ? "abcdef" : null);
            if (waits) {
                run(
                        connection,
                        "INSERT INTO due (webhook, due_at, id, delivery, account, started_at, wait_field, wait_subject,"
                                + " fifo_key, fifo_place) VALUES (1, ?, ?, ?, 1, ?, ?, ?, 'abcdef', ?)",
                        at + 60_000,
                        "01K" + n,
                        n,
                        at,
                        n % 2 == 0 ? "summary" : null,
                        n % 2 == 0 ? new byte[] {1, 2, 3} : null,
                        n);
            }
            run(
                    connection,
                    "INSERT INTO attempt (key, started_at, ms, outcome, reason, note, status, headers, body, timing,"
                            + " request, request_body) VALUES ((? << 20) + 1, ?, 12, 'delivered', ?, NULL, 200, '{}', ?, '{}', '{}', ?)",
                    n,
                    at,
                    WITH_NUL,
                    new byte[] {0, 1},
                    n % 2 == 0 ? new byte[0] : null);
        }
    }

    private static byte[] document(int n) {
        byte[] document = new byte[n % 50 == 0 ? 100_000 : 300];
        for (int i = 0; i < document.length; i++) {
            document[i] = (byte) (i * 31 + n);
        }
        return document;
    }

    private static void others(Connection connection) throws SQLException {
        run(connection, "INSERT INTO incomplete_event (event, account, written_at) VALUES (1000000, 1, ?)", FIRST_AT);
        run(
                connection,
                "INSERT INTO field_arrival (account, subject, field, event) VALUES (1, ?, 'summary', 5), (1, ?, 'a', 6)",
                new byte[] {0},
                new byte[] {(byte) 0xff, 0});
        run(connection, "INSERT INTO record_write VALUES (1, 'r1', 5, ?, ?)", UNICODE, FIRST_AT);
        run(connection, "INSERT INTO record_slot VALUES (1, 'r1', 'call-1', 1, ?)", FIRST_AT);
        run(
                connection,
                "INSERT INTO system_event (key, webhook, type, at, since, reason, deliveries) VALUES"
                        + " (41, 1, 'webhook.failing', 1, 1, 'x', NULL), (42, 2, 'webhook.failing', 1, 1, 'x', 5)");
        run(connection, "DELETE FROM system_event WHERE key = 42");
        run(connection, "INSERT INTO setting VALUES ('key-id', ?), ('last-good', ?)", new byte[] {1}, document(50));
        run(
                connection,
                "INSERT INTO definition VALUES (1, 'v1', ?, 5, 9, 'file'), (3, 'v2', NULL, 5, 10, 'api')",
                document(1));
        run(connection, "UPDATE revision SET last = 10");
        run(
                connection,
                "INSERT INTO audit (key, account, at, actor, actor_kind, actor_id, action, kind, name, detail)"
                        + " VALUES (3, 1, 5, 'all', 'api-key', 'key_1', 'create', 'webhook', 'crm', NULL)");
        run(
                connection,
                "INSERT INTO replay_job (id, account, state, filter, new_ids, per_second, actor, created_at, max_id, matched)"
                        + " VALUES ('01J', 1, 'running', '{}', FALSE, 5, 'all', 5, '01K9', 3)");
        run(
                connection,
                "INSERT INTO erasure (id, account, field, digest, actor, created_at, max_key, position)"
                        + " VALUES ('01E', 1, 'data.anum', 'ab12', 'all', 5, 70, 3)");
        run(connection, "INSERT INTO minute_stats VALUES (1, 29000000, '/writer'" + ", 1".repeat(29) + ")");
        run(connection, "INSERT INTO pending_count VALUES ('/writer', 71)");
        run(connection, "INSERT INTO portal_session VALUES ('ps_1', 1, 'sealed', NULL, 5, 9)");
        run(connection, "INSERT INTO revoked_session VALUES ('s1', 'h', 5, 9)");
    }

    static void run(Connection connection, String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            statement.executeUpdate();
        }
    }

    /** Whole numbers, the first of each row. */
    static List<Long> numbers(Connection connection, String query) throws SQLException {
        List<Long> numbers = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                numbers.add(rows.getLong(1));
            }
        }
        return numbers;
    }
}
