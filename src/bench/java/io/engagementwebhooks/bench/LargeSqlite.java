package io.engagementwebhooks.bench;

import com.github.f4b6a3.ulid.Ulid;
import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.store.sqlite.WrittenRows;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A large store in a file, which must not be there yet. */
final class LargeSqlite extends LargeStore {

    private final Path file;

    /** Of each segment after the first. */
    private final List<String> afterIds = new ArrayList<>();

    private int inSegment;
    private long lastAt;

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
        return table.equals("delivery") ? List.of("segment") : List.of();
    }

    @Override
    List<Object> more(String table, Object... row) {
        return table.equals("delivery") ? List.of(segment((Long) row[11])) : List.of();
    }

    /** The ids of a millisecond are in no order, so that a segment begins with another. */
    private int segment(long at) {
        if (++inSegment > WrittenRows.DELIVERIES_IN_A_SEGMENT && at > lastAt) {
            afterIds.add(Ulid.min(at).toString());
            inSegment = 1;
        }
        lastAt = at;
        return 1 + afterIds.size();
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
        for (String afterId : afterIds) {
            execute(
                    connection,
                    "INSERT INTO segment (number, after_id, last_key) SELECT max(number) + 1, '" + afterId
                            + "', 0 FROM segment");
        }
        execute(connection, "UPDATE segment SET last_key = (SELECT max(key) FROM delivery)");
        execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
    }
}
