package io.engagementwebhooks.bench;

import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.store.postgres.PostgresAddress;
import io.engagementwebhooks.store.postgres.PostgresStore;
import io.engagementwebhooks.store.sqlite.WrittenRows;
import io.engagementwebhooks.webhook.auth.Secret;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A large store in an empty database of PostgreSQL. */
final class LargePostgres extends LargeStore {

    private static final String USER = "postgres";

    /** The fixed key of the store. */
    private static final String KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    private final String url;

    LargePostgres(String url, int webhooks, int deliveries) {
        super(webhooks, deliveries);
        this.url = url;
    }

    /** By which the product finds it. */
    static List<String> settings(String url) {
        return List.of("-Dwebhooks.store.url=" + url, "-Dwebhooks.store.user=" + USER, "-Dwebhooks.store.key=" + KEY);
    }

    @Override
    Vault make() {
        PostgresStore.open(new PostgresAddress(url, USER, Optional.empty()), Clock.systemUTC())
                .close();
        return Vault.of(Secret.of(KEY), new SecureRandom());
    }

    @Override
    Connection connect() throws SQLException {
        return DriverManager.getConnection(url + "?reWriteBatchedInserts=true", USER, "");
    }

    @Override
    void begin(Connection connection, long from, long to) throws SQLException {
        execute(connection, "SET synchronous_commit = off");
        execute(connection, "SET maintenance_work_mem = '1GB'");
        for (int day = WrittenRows.day(from); day <= WrittenRows.day(to); day++) {
            execute(
                    connection,
                    "CREATE TABLE IF NOT EXISTS attempt_" + day + " PARTITION OF attempt FOR VALUES IN (" + day + ")");
        }
    }

    @Override
    Map<String, String> indexes(Connection connection) throws SQLException {
        Map<String, String> indexes = new LinkedHashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT i.indexname, i.indexdef FROM pg_indexes i"
                        + " WHERE i.tablename IN ('event', 'delivery', 'due') AND NOT EXISTS"
                        + " (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)")) {
            while (rows.next()) {
                indexes.put(rows.getString(1), rows.getString(2));
            }
        }
        return indexes;
    }

    @Override
    List<String> more(String table) {
        return switch (table) {
            case "event" -> List.of("identity");
            case "attempt" -> List.of("day");
            default -> List.of();
        };
    }

    @Override
    List<Object> more(String table, Object... row) {
        return switch (table) {
            case "event" -> List.of(WrittenRows.identity((String) row[2], (String) row[3]));
            case "attempt" -> List.of(WrittenRows.day((Long) row[2]));
            default -> List.of();
        };
    }

    @Override
    String keysGiven() {
        return "OVERRIDING SYSTEM VALUE";
    }

    @Override
    void end(Connection connection) throws SQLException {
        execute(connection, "SELECT setval('delivery_key', 1000 + (SELECT max(key) FROM delivery))");
        for (String table : List.of("account", "resource", "event")) {
            execute(
                    connection,
                    "SELECT setval(pg_get_serial_sequence('" + table + "', 'key'), (SELECT max(key) FROM " + table
                            + "))");
        }
        execute(connection, "VACUUM ANALYZE");
    }
}
