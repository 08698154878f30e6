package io.engagementwebhooks.store.transfer;

import io.engagementwebhooks.store.jdbc.Migrations;
import java.sql.SQLException;
import java.util.Optional;

/**
 * The progress of a copy, in a table of the target that exists until the copy is complete. Each batch is committed with
 * it, so that a copy continues after the last batch. Not thread-safe.
 */
final class CopyState {

    private static final String TABLE = Migrations.INCOMPLETE;

    private static final String SOURCE = "source";
    private static final String POSITION = "position ";
    private static final String ROWS = "rows ";

    private final Sql target;

    CopyState(Sql target) {
        this.target = target;
    }

    boolean exists() throws SQLException {
        return target.isTrue("SELECT to_regclass('" + TABLE + "') IS NOT NULL");
    }

    /** Creates the table, in the target's transaction. @param source identifies the copied store */
    void begin(String source) throws SQLException {
        target.execute("CREATE TABLE " + TABLE + " (item text PRIMARY KEY, value text NOT NULL)");
        put(SOURCE, source);
    }

    /** The identity of the copied store. */
    String source() throws SQLException {
        return get(SOURCE).orElse("");
    }

    /**
     * The key of the last copied row, as {@link Position} writes it. Empty before the first and after the last row of
     * the table.
     */
    Optional<String> position(String table) throws SQLException {
        return get(POSITION + table);
    }

    long rows(String table) throws SQLException {
        return get(ROWS + table).map(Long::parseLong).orElse(0L);
    }

    /** Whether a table is copied completely. */
    boolean isDone(String table) throws SQLException {
        return rows(table) > 0 && position(table).isEmpty();
    }

    /** @param position key of the last copied row, or empty: it is the last of the table */
    void copied(String table, Optional<String> position, long rows) throws SQLException {
        if (position.isPresent()) {
            put(POSITION + table, position.get());
        } else {
            remove(POSITION + table);
        }
        put(ROWS + table, Long.toString(rows));
    }

    void end() throws SQLException {
        target.execute("DROP TABLE " + TABLE);
    }

    private void remove(String item) throws SQLException {
        target.execute("DELETE FROM " + TABLE + " WHERE item = ?", item);
    }

    private Optional<String> get(String item) throws SQLException {
        return target.query("SELECT value FROM " + TABLE + " WHERE item = ?", row -> row.getString(1), item).stream()
                .findFirst();
    }

    private void put(String item, String value) throws SQLException {
        target.execute(
                "INSERT INTO " + TABLE + " VALUES (?, ?) ON CONFLICT (item) DO UPDATE SET value = excluded.value",
                item,
                value);
    }
}
