package io.engagementwebhooks.bench;

import io.engagementwebhooks.store.jdbc.SqliteStore;
import io.engagementwebhooks.webhook.config.Vault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

/** A large store in a file, which must not be there yet. */
final class LargeSqlite extends LargeStore {

    private final Path file;

    LargeSqlite(Path file, int webhooks, int deliveries) {
        super(webhooks, deliveries);
        this.file = file;
    }

    @Override
    Vault make() throws IOException {
        Files.createDirectories(file.getParent());
        SqliteStore.open(file, Clock.systemUTC()).close();
        return Vault.make(file.resolveSibling(file.getFileName() + ".key"), new SecureRandom());
    }

    @Override
    Connection connect() throws SQLException {
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        execute(connection, "PRAGMA synchronous = OFF");
        execute(connection, "PRAGMA cache_size = -1000000");
        return connection;
    }

    @Override
    void begin(Connection connection, long from, long to) {}

    @Override
    Map<String, String> indexes(Connection connection) throws SQLException {
        Map<String, String> indexes = new LinkedHashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT name, sql FROM sqlite_master WHERE type = 'index'"
                        + " AND sql IS NOT NULL AND tbl_name IN ('event', 'delivery', 'due', 'attempt')")) {
            while (rows.next()) {
                indexes.put(rows.getString(1), rows.getString(2));
            }
        }
        return indexes;
    }

    @Override
    List<String> more(String table) {
        return List.of();
    }

    @Override
    List<Object> more(String table, Object... row) {
        return List.of();
    }

    /** Delivery and number of an attempt are one key. */
    @Override
    String insert(String table, List<String> columns) {
        String insert = super.insert(table, columns);
        return table.equals("attempt")
                ? insert.replace("(delivery, number,", "(key,").replace("(?, ?,", "((? << 20) + ?,")
                : insert;
    }

    @Override
    String keysGiven() {
        return "";
    }

    @Override
    void end(Connection connection) throws SQLException {
        execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
    }
}
