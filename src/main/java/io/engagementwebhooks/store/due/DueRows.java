package io.engagementwebhooks.store.due;

import io.engagementwebhooks.store.due.DueStore.Waiting;
import io.engagementwebhooks.store.jdbc.Dialect;
import io.engagementwebhooks.store.jdbc.Statements;
import io.engagementwebhooks.store.jdbc.Values;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/** Changes rows of {@code due}, and the due time copied in {@code delivery}. Used by a writer thread. */
public final class DueRows {

    /** Joins a pending delivery {@code d} with its row {@code u}. */
    public static final String OF_DELIVERY =
            "u.webhook = d.webhook AND u.retry = (d.attempts > 0) AND u.due_at = d.due_at AND u.id = d.id";

    /** The order of {@link #range}. */
    static final String ORDER = " ORDER BY u.webhook, u.retry, u.due_at, u.id";

    public static final String FOREVER = Long.toString(Long.MAX_VALUE);

    private static final String KEY = "(u.webhook, u.retry, u.due_at, u.id)";

    /** The columns of a {@link Row}, of {@code delivery}. */
    public static final String COLUMNS = "d.key, d.webhook, d.attempts > 0, d.due_at, d.id";

    private static final List<String> TYPES = List.of("int", "boolean", "bigint", "text", "bigint");

    private final String lock;
    final String find;
    final String moveDue;
    private final String move;
    final String remove;

    /** A row of {@code due}. @param key of the delivery @param retry whether an attempt was made */
    public record Row(long key, int webhook, boolean retry, long dueAt, String id) {

        /** @param first the first of its columns */
        public static Row of(ResultSet row, int first) throws SQLException {
            return new Row(
                    row.getLong(first),
                    row.getInt(first + 1),
                    row.getBoolean(first + 2),
                    row.getLong(first + 3),
                    row.getString(first + 4));
        }

        Row moved(long at) {
            return new Row(key, webhook, retry, at, id);
        }

        /** The row after an attempt. */
        Row postponed(Instant at) {
            return new Row(key, webhook, true, at.toEpochMilli(), id);
        }
    }

    public DueRows(Dialect dialect) {
        String rows = dialect.rows("x", "webhook int", "retry boolean", "due_at bigint", "id text", "delivery bigint");
        String select = "SELECT " + COLUMNS + " FROM delivery d WHERE d.ended_at IS NULL AND ";
        String locked = " ORDER BY d.key" + dialect.locking("FOR UPDATE");
        lock = select + dialect.in("d.key") + locked;
        find = select + "d.account = ? AND " + dialect.in("d.id") + locked;
        moveDue = "UPDATE due SET due_at = ? FROM " + rows + " WHERE due.webhook = x.webhook AND due.retry = x.retry"
                + " AND due.due_at = x.due_at AND due.id = x.id";
        move = "UPDATE delivery SET due_at = ? FROM " + rows + " WHERE key = x.delivery";
        remove =
                "DELETE FROM due WHERE (webhook, retry, due_at, id) IN (SELECT x.webhook, x.retry, x.due_at, x.id FROM "
                        + rows + ")";
    }

    /**
     * A condition on {@code u}: the rows of a webhook and kind in a range of the due order, for {@link #ORDER}. By the
     * whole key: by less, PostgreSQL may expect few rows, and sorts all of them before it returns the first.
     *
     * @param after due time and id, exclusive
     * @param until due time and id, inclusive
     */
    static String range(String webhook, String retry, String after, String until) {
        String kind = "(" + webhook + ", " + retry + ", ";
        return KEY + " > " + kind + after + ") AND " + KEY + " <= " + kind + until + ")";
    }

    /**
     * Selects pending deliveries {@code u} in due order, over both kinds: the table has each kind in order.
     *
     * @param columns of {@code u}; {@code due_at} and {@code id} follow them
     * @param webhook its key; each placeholder is in the query more than once, see {@link #inDueOrderValues}
     * @param after the due time and id after which it begins
     * @param until the last due time, or {@link #FOREVER}
     * @param where empty, or a further condition on {@code u}
     * @param limit a number, or a placeholder
     * @return a subquery, for {@link #inDueOrderValues}
     */
    public static String inDueOrder(
            String columns, String webhook, String after, String until, String where, String limit) {
        StringBuilder sql = new StringBuilder("(");
        for (String retry : List.of("FALSE", "TRUE")) {
            sql.append("SELECT k.* FROM (SELECT ")
                    .append(columns)
                    .append("u.due_at, u.id FROM due u WHERE ")
                    .append(range(webhook, retry, after, until + ", '~'"))
                    .append(where + ORDER + " LIMIT " + limit + ") k")
                    .append(retry.equals("FALSE") ? " UNION ALL " : " ORDER BY due_at, id LIMIT " + limit + ")");
        }
        return sql.toString();
    }

    /** For placeholders of the webhook, of {@code after} and of the limit. */
    public static Object[] inDueOrderValues(int webhook, Waiting after, int limit) {
        Object[] kind = {webhook, after.dueAt(), after.id(), webhook, limit};
        return Stream.of(kind, kind, new Object[] {limit}).flatMap(Stream::of).toArray();
    }

    /**
     * Locks pending deliveries until the end of the transaction. A later statement sees their current due times.
     *
     * @return the pending ones
     */
    public List<Row> lock(Statements statements, Collection<Long> deliveries) throws SQLException {
        return statements.query(lock, row -> Row.of(row, 1), Values.longs(deliveries));
    }

    /** Finds and locks pending deliveries of an account until the end of the transaction. */
    List<Row> find(Statements statements, int account, Collection<String> ids) throws SQLException {
        return statements.query(find, row -> Row.of(row, 1), account, Values.texts(ids));
    }

    /** Changes a row. @param set assignments with placeholders for the values */
    public static void update(Statements statements, Row row, String set, Object... values) throws SQLException {
        Object[] all = Arrays.copyOf(values, values.length + 4);
        System.arraycopy(new Object[] {row.webhook(), row.retry(), row.dueAt(), row.id()}, 0, all, values.length, 4);
        statements.update("UPDATE due SET " + set + " WHERE webhook = ? AND retry = ? AND due_at = ? AND id = ?", all);
    }

    public void move(Statements statements, List<Row> rows, long dueAt) throws SQLException {
        if (!rows.isEmpty()) {
            Values.Table table = table(rows);
            statements.update(moveDue, dueAt, table);
            statements.update(move, dueAt, table);
        }
    }

    public void remove(Statements statements, List<Row> rows) throws SQLException {
        if (!rows.isEmpty()) {
            statements.update(remove, table(rows));
        }
    }

    static Values.Table table(List<Row> rows) {
        return Values.table(
                TYPES, rows, row -> new Object[] {row.webhook(), row.retry(), row.dueAt(), row.id(), row.key()});
    }
}
