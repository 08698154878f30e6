package io.engagementwebhooks.bench;

import com.github.f4b6a3.ulid.Ulid;
import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.store.outcome.AttemptWindow;
import io.engagementwebhooks.store.outcome.MinuteCounts;
import io.engagementwebhooks.store.sqlite.WrittenRows;
import io.engagementwebhooks.webhook.WebhookId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Fills a store like months of operation, in minutes: the rows are those that the product writes, by direct SQL, and
 * indexes of the large tables are made afterwards. All of it belongs to account {@code large}: its webhooks were made
 * by the API, one delivery of ten goes to webhook {@code w-000000}, the others to all alike. One delivery in 20 waits,
 * half of these for {@code w-000000}; of ten events nine have no payload any more. There are many OAuth clients,
 * connections and keys beside them; of ten webhooks one uses a client.
 */
abstract class LargeStore {

    static final String ACCOUNT = "large";
    static final String BUSY = "w-000000";

    static final String SOURCE = "/calls";

    private static final int CLIENTS = 10_000;
    private static final int CONNECTIONS = 1_000;
    private static final int API_KEYS = 1_000;
    private static final int SIGNING_KEYS = 100;

    private static final int ROWS_IN_A_BATCH = 10_000;
    private static final int ROWS_IN_A_TRANSACTION = 200_000;
    private static final long SPREAD = Duration.ofDays(30).toMillis();
    private static final long DAY = Duration.ofDays(1).toMillis();
    private static final AttemptWindow ALL_FAILED = new AttemptWindow(AttemptWindow.CLEAN.bits() * 2 - 1);
    private static final String NO_ANSWER = "The endpoint did not answer within 10 s";

    private final int webhooks;
    private final int deliveries;
    private final long now = System.currentTimeMillis();
    private final Random random = new Random(42);
    private long waiting;
    private int resources;

    LargeStore(int webhooks, int deliveries) {
        this.webhooks = webhooks;
        this.deliveries = deliveries;
    }

    /** Fills it; nothing may be in it yet. */
    void fill() throws IOException, SQLException {
        Vault vault = make();
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            begin(connection, now - SPREAD, now);
            insertWebhooks(connection, vault);
            insertResources(connection, vault);
            Map<String, String> indexes = indexes(connection);
            for (String index : indexes.keySet()) {
                execute(connection, "DROP INDEX " + index);
            }
            insertDeliveries(connection);
            insertFigures(connection);
            for (String index : indexes.values()) {
                execute(connection, index);
            }
            connection.commit();
            execute(connection, "UPDATE revision SET last = " + resources);
            execute(connection, "INSERT INTO pending_count (writer, n) VALUES ('bench', " + waiting + ")");
            connection.commit();
            connection.setAutoCommit(true);
            end(connection);
        }
    }

    /** Makes its tables. @return what seals its secrets */
    abstract Vault make() throws IOException;

    abstract Connection connect() throws SQLException;

    /** Before anything is written of a time. */
    abstract void begin(Connection connection, long from, long to) throws SQLException;

    /** Indexes of the large tables that can be made later: their names, and how. */
    abstract Map<String, String> indexes(Connection connection) throws SQLException;

    /** Columns that this kind of store has more. */
    abstract List<String> more(String table);

    /** Their values in a row. @param row the values of the others */
    abstract List<Object> more(String table, Object... row);

    /** The statement that inserts a row. */
    String insert(String table, List<String> columns) {
        return "INSERT INTO " + table + " (" + String.join(", ", columns) + ") " + keysGiven() + " VALUES (?"
                + ", ?".repeat(columns.size() - 1) + ")";
    }

    /** When all is written. */
    abstract void end(Connection connection) throws SQLException;

    /** Of keys that are given, though the store would make them. */
    abstract String keysGiven();

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String name(int webhook) {
        return "w-%06d".formatted(webhook);
    }

    /** Rows of one table, written in batches. */
    private final class Rows implements AutoCloseable {
        private final String table;
        private final PreparedStatement statement;

        Rows(Connection connection, String table, String... columns) throws SQLException {
            this.table = table;
            List<String> all = new ArrayList<>(List.of(columns));
            all.addAll(more(table));
            statement = connection.prepareStatement(insert(table, all));
        }

        void add(Object... row) throws SQLException {
            int column = 1;
            for (Object value : row) {
                statement.setObject(column++, value);
            }
            for (Object value : more(table, row)) {
                statement.setObject(column++, value);
            }
            statement.addBatch();
        }

        void write() throws SQLException {
            statement.executeBatch();
        }

        @Override
        public void close() throws SQLException {
            write();
            statement.close();
        }
    }

    private void insertWebhooks(Connection connection, Vault vault) throws SQLException {
        try (Rows setting = new Rows(connection, "setting", "name", "value");
                Rows account = new Rows(connection, "account", "key", "id")) {
            setting.add("key-id", vault.keyId().getBytes(StandardCharsets.US_ASCII));
            account.add(1, ACCOUNT);
        }
        // closed the other way round: what refers to a resource is written after it
        try (Rows definition = definitions(connection);
                Rows state = new Rows(
                        connection,
                        "webhook",
                        "key",
                        "account",
                        "partition",
                        "state",
                        "reason",
                        "since",
                        "recent",
                        "degraded_since",
                        "failing_since",
                        "trouble");
                Rows resource = resources(connection)) {
            for (int i = 0; i < webhooks; i++) {
                boolean paused = i % 200 == 7;
                boolean failing = i % 500 == 11;
                WebhookId id = new WebhookId(ACCOUNT, "wh_" + Ulid.fast(), name(i));
                int key = add(resource, definition, vault, "webhook", id.id(), name(i), definition(i));
                state.add(
                        key,
                        1,
                        WrittenRows.partition(id),
                        paused ? "paused" : "active",
                        paused ? "paused by key 'admin'" : null,
                        paused ? now - DAY : null,
                        (failing ? ALL_FAILED : AttemptWindow.CLEAN).bits(),
                        failing ? now - DAY : null,
                        failing ? now - DAY : null,
                        failing ? "The endpoint answered 503" : null);
                if (i % ROWS_IN_A_BATCH == ROWS_IN_A_BATCH - 1) {
                    resource.write();
                    state.write();
                    definition.write();
                }
            }
        }
        connection.commit();
    }

    private void insertResources(Connection connection, Vault vault) throws SQLException {
        // closed the other way round: what refers to a resource is written after it
        try (Rows definition = definitions(connection);
                Rows resource = resources(connection)) {
            for (int i = 0; i < CLIENTS; i++) {
                add(
                        resource,
                        definition,
                        vault,
                        "oauth-client",
                        "oc_" + Ulid.fast(),
                        client(i),
                        "{\"name\":\"%s\",\"clientId\":\"webhooks-%d\",\"clientSecret\":\"s-%d\",\"authenticationEndpoint\":\"https://auth-%d.example.com\",\"scope\":\"calls\"}"
                                .formatted(client(i), i, i, i % 500));
            }
            LocalDate today = LocalDate.now(ZoneOffset.UTC);
            for (int i = 0; i < CONNECTIONS; i++) {
                String name = "connection-%04d".formatted(i);
                add(
                        resource,
                        definition,
                        vault,
                        "connection",
                        "cn_" + Ulid.fast(),
                        name,
                        i % 2 == 0
                                ? "{\"name\":\"%s\",\"type\":\"salesforce\",\"loginUrl\":\"https://org-%d.my.salesforce.com\",\"clientId\":\"id\",\"clientSecret\":\"s\"}"
                                        .formatted(name, i)
                                : "{\"name\":\"%s\",\"type\":\"contentsquare\",\"clientId\":\"id\",\"clientSecret\":\"s\",\"integrationVersion\":1,\"createdOn\":\"%s\",\"schema\":[{\"name\":\"call_duration\",\"type\":\"INT\"}]}"
                                        .formatted(name, today.minusDays(i % 25 == 1 ? 350 : 20)));
            }
            for (int i = 0; i < API_KEYS; i++) {
                String name = "key-%04d".formatted(i);
                add(
                        resource,
                        definition,
                        vault,
                        "api-key",
                        "key_" + Ulid.fast(),
                        name,
                        "{\"name\":\"%s\",\"role\":\"ingest\",\"sha256\":\"%s\"}"
                                .formatted(name, HexFormat.of().formatHex(sha256(i))));
            }
            for (int i = 0; i < SIGNING_KEYS; i++) {
                String id = "signing-%04d".formatted(i);
                String until = i == SIGNING_KEYS - 1 ? "" : ",\"until\":\"2026-01-01T00:00:00Z\"";
                add(
                        resource,
                        definition,
                        vault,
                        "signing-key",
                        "sk_" + Ulid.fast(),
                        id,
                        "{\"id\":\"%s\",\"secret\":\"whsec_%s\"%s}"
                                .formatted(id, Base64.getEncoder().encodeToString(sha256(i)), until));
            }
        }
        connection.commit();
    }

    /** @return the key of the resource */
    private int add(Rows resource, Rows definition, Vault vault, String kind, String id, String name, String json)
            throws SQLException {
        resource.add(++resources, 1, kind, id, name);
        definition.add(
                resources,
                Ulid.fast().toString(),
                vault.seal(json.getBytes(StandardCharsets.UTF_8)),
                now - SPREAD,
                resources);
        return resources;
    }

    private Rows resources(Connection connection) throws SQLException {
        return new Rows(connection, "resource", "key", "account", "kind", "id", "name");
    }

    private Rows definitions(Connection connection) throws SQLException {
        return new Rows(connection, "definition", "resource", "version", "sealed", "changed_at", "revision");
    }

    private static String client(int i) {
        return "client-%05d".formatted(i);
    }

    private static String definition(int webhook) {
        return "{\"name\":\"" + name(webhook) + "\",\"events\":[\""
                + (webhook % 3 == 0 ? "call.*" : "call.type-" + webhook % 1000)
                + "\"],\"delivery\":{\"url\":\"https://receiver-" + webhook % 5000
                + ".example.com/hook\",\"authentication\":{"
                + (webhook % 10 == 0
                        ? "\"type\":\"oauth2\",\"client\":\"" + client(CLIENTS - 1 - webhook % CLIENTS)
                        : "\"type\":\"header\",\"user\":\"u\",\"password\":\"p-" + webhook)
                + "\"}}}";
    }

    private void insertDeliveries(Connection connection) throws SQLException {
        try (Rows event = new Rows(
                        connection,
                        "event",
                        "key",
                        "account",
                        "source",
                        "id",
                        "type",
                        "subject",
                        "time",
                        "accepted_at",
                        "data_sha256",
                        "deliveries",
                        "document");
                Rows delivery = new Rows(
                        connection,
                        "delivery",
                        "key",
                        "id",
                        "account",
                        "webhook",
                        "event",
                        "state",
                        "outcome",
                        "problem",
                        "reason",
                        "status",
                        "attempts",
                        "accepted_at",
                        "due_at",
                        "ended_at");
                Rows due = new Rows(
                        connection, "due", "webhook", "due_at", "id", "delivery", "account", "retry", "started_at");
                Rows attempt = new Rows(
                        connection,
                        "attempt",
                        "delivery",
                        "number",
                        "started_at",
                        "ms",
                        "outcome",
                        "reason",
                        "status",
                        "headers",
                        "body",
                        "timing",
                        "request")) {
            for (int i = 0; i < deliveries; i++) {
                insertDelivery(i, event, delivery, due, attempt);
                if (i % ROWS_IN_A_BATCH == ROWS_IN_A_BATCH - 1) {
                    event.write();
                    delivery.write();
                    due.write();
                    attempt.write();
                }
                if (i % ROWS_IN_A_TRANSACTION == ROWS_IN_A_TRANSACTION - 1) {
                    connection.commit();
                }
            }
        }
        connection.commit();
    }

    private void insertDelivery(int i, Rows event, Rows delivery, Rows due, Rows attempt) throws SQLException {
        long at = now - SPREAD + (long) ((double) SPREAD * i / deliveries);
        String document = "{\"specversion\":\"1.0\",\"id\":\"" + eventId(i)
                + "\",\"source\":\"" + SOURCE + "\",\"type\":\"call.ended\",\"subject\":\"call/" + i
                + "\",\"data\":{\"cdr_id\":" + i + ",\"duration\":192,\"answered\":true,\"agent\":\"agent-" + i % 300
                + "\"}}";
        event.add(
                i + 1,
                1,
                SOURCE,
                eventId(i),
                "call.ended",
                "call/" + i,
                at,
                at,
                sha256(i),
                1,
                i >= deliveries / 10 * 9 ? document.getBytes(StandardCharsets.UTF_8) : null);
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
        waiting += state.equals("waiting") ? 1 : 0;
        // half of those that failed have a response
        Integer status = well ? (Integer) 200 : kind % 2 == 0 ? (Integer) 503 : null;
        String request = "{\"method\":\"POST\",\"url\":\"https://receiver-" + webhook % 5000 + ".example.com/hook\"}";
        String outcome = state.equals("waiting") || state.equals("discarded") ? "try-later" : state;
        Long dueAt = state.equals("waiting") ? (Long) (now + DAY + random.nextInt((int) DAY)) : null;
        delivery.add(
                i + 1,
                id,
                1,
                webhook,
                i + 1,
                state,
                outcome,
                well ? null : outcome,
                well ? "" : state.equals("skipped") ? "The condition does not hold" : NO_ANSWER,
                attempts == 0 ? null : status,
                attempts,
                at,
                dueAt,
                dueAt == null ? at + 900 : null);
        if (dueAt != null) {
            due.add(webhook, dueAt, id, i + 1, 1, true, at);
        }
        for (int number = 1; number <= attempts; number++) {
            boolean last = number == attempts;
            attempt.add(
                    i + 1,
                    number,
                    at + number,
                    20 + random.nextInt(200),
                    last && !state.equals("waiting") && !state.equals("discarded") ? state : "try-later",
                    well ? "" : NO_ANSWER,
                    status,
                    well ? "{\"content-type\":\"application/json\",\"date\":\"Tue, 24 Nov 2026 09:31:07 GMT\"}" : null,
                    status == null ? null : "{\"ok\":true}".getBytes(StandardCharsets.UTF_8),
                    "{\"dns\":0,\"connect\":0,\"tls\":0,\"wait\":12,\"body\":0}",
                    well ? null : request);
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
        List<String> columns = new ArrayList<>(List.of("account", "minute", "writer"));
        columns.addAll(List.of(MinuteCounts.columnList().split(", ")));
        try (Rows figure = new Rows(connection, "minute_stats", columns.toArray(String[]::new))) {
            for (long at = minute - 7 * 24 * 60; at <= minute; at++) {
                Object[] values = new Object[columns.size()];
                Arrays.fill(values, 10);
                values[0] = 1;
                values[1] = at;
                values[2] = "bench";
                figure.add(values);
            }
        }
    }
}
