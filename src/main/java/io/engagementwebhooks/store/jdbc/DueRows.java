package io.engagementwebhooks.store.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;

/** Changes rows of {@code due}, and the due time copied in {@code delivery}. Used by a writer thread. */
final class DueRows {

    private static final List<String> TYPES = List.of("int", "bigint", "text", "bigint");

    private final String lock;
    private final String find;
    private final String moveDue;
    private final String move;
    private final String remove;

    /** A row of {@code due}. @param key of the delivery */
    record Row(long key, int webhook, long dueAt, String id) {}

    DueRows(Dialect dialect) {
        String rows = dialect.rows("x", "webhook int", "due_at bigint", "id text", "delivery bigint");
        String same = "due.webhook = x.webhook AND due.due_at = x.due_at AND due.id = x.id";
        lock = "SELECT key, webhook, due_at, id FROM delivery WHERE " + dialect.in("key")
                + " AND ended_at IS NULL ORDER BY key" + dialect.locking("FOR UPDATE");
        find = "SELECT key, webhook, due_at, id FROM delivery WHERE account = ? AND " + dialect.in("id")
                + " AND ended_at IS NULL ORDER BY key" + dialect.locking("FOR UPDATE");
        moveDue = "UPDATE due SET due_at = ? FROM " + rows + " WHERE " + same;
        move = "UPDATE delivery SET due_at = ? FROM " + rows + " WHERE key = x.delivery";
        remove = "DELETE FROM due WHERE (webhook, due_at, id) IN (SELECT x.webhook, x.due_at, x.id FROM " + rows + ")";
    }

    /**
     * Locks pending deliveries until the end of the transaction. A later statement sees their current due times.
     *
     * @return the pending ones
     */
    List<Row> lock(Statements statements, Collection<Long> deliveries) throws SQLException {
        return statements.query(lock, DueRows::row, Values.longs(deliveries));
    }

    /** Finds and locks pending deliveries of an account until the end of the transaction. */
    List<Row> find(Statements statements, int account, Collection<String> ids) throws SQLException {
        return statements.query(find, DueRows::row, account, Values.texts(ids));
    }

    private static Row row(ResultSet found) throws SQLException {
        return new Row(found.getLong(1), found.getInt(2), found.getLong(3), found.getString(4));
    }

    void move(Statements statements, List<Row> rows, long dueAt) throws SQLException {
        if (!rows.isEmpty()) {
            Values.Table table = table(rows);
            statements.update(moveDue, dueAt, table);
            statements.update(move, dueAt, table);
        }
    }

    void remove(Statements statements, List<Row> rows) throws SQLException {
        if (!rows.isEmpty()) {
            statements.update(remove, table(rows));
        }
    }

    private static Values.Table table(List<Row> rows) {
        return Values.table(TYPES, rows, row -> new Object[] {row.webhook(), row.dueAt(), row.id(), row.key()});
    }
}
