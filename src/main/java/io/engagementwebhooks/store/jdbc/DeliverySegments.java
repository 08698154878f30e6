package io.engagementwebhooks.store.jdbc;

import java.sql.SQLException;
import java.sql.Statement;

/**
 * The index of SQLite's deliveries by webhook. Entries in the order of webhooks are far apart: made with each delivery,
 * a group of deliveries to many webhooks would change a page for each. So they are made for many deliveries at a time,
 * and in segments: a range of ids whose entries lie together. Within a webhook, the order of segments and ids is that of
 * the ids. The newest deliveries have no entry yet, and are read by their keys. Used by the writer thread.
 */
final class DeliverySegments {

    /** So many deliveries are indexed at a time. A query by webhook reads up to as many that are not. */
    static final int BATCH = 1_024;

    /** After so many deliveries the next segment begins. A query by webhook searches each segment. */
    static final int SIZE = 16_384;

    /** The most that a transaction indexes, where more are not indexed after a {@link #reset}. */
    private static final int MOST = 4 * BATCH;

    /** Whether enough are not indexed. */
    static final String IS_BEHIND =
            "SELECT 1 FROM delivery WHERE key >= (SELECT max(last_key) FROM segment) + " + BATCH + " LIMIT 1";

    private static final String NEWEST = "SELECT number, after_id, last_key FROM segment ORDER BY number DESC LIMIT 1";
    private static final String INDEXED = "SELECT count(*), max(id) FROM delivery WHERE segment = ? AND segment > 0";
    private static final String NEXT = "SELECT count(*), max(id) FROM delivery WHERE key > ? AND key <= ?";
    private static final String INDEX = "UPDATE delivery SET segment = CASE WHEN id > ? THEN ? ELSE"
            + " (SELECT max(s.number) FROM segment s WHERE s.after_id < delivery.id) END WHERE key > ? AND key <= ?";
    private static final String SET_LAST_KEY = "UPDATE segment SET last_key = ? WHERE number = ?";
    private static final String OPEN = "INSERT INTO segment (number, after_id, last_key) VALUES (?, ?, ?)";

    /** The range of a removed segment becomes part of the one before it; the first one stays. */
    private static final String REMOVE_EMPTY = "DELETE FROM segment WHERE after_id > '' AND number < ? AND NOT EXISTS"
            + " (SELECT 1 FROM delivery d WHERE d.segment = segment.number AND d.segment > 0)";

    private int newest;
    private String afterId;
    private long lastKey;
    private int size;

    /** The greatest indexed id. */
    private String lastId;

    /** Deliveries of a number of rows. @param lastId null: none */
    private record Range(int size, String lastId) {}

    /** The subquery of {@link Dialect#ofWebhook}. CROSS JOIN makes SQLite read the segments in their order. */
    static String ofWebhook(String columns, String where, String order, String limit) {
        return "(SELECT * FROM (SELECT " + columns + " FROM segment s CROSS JOIN delivery d " + where
                + " AND d.segment = s.number AND d.segment > 0 ORDER BY s.number " + order + ", d.id " + order
                + " LIMIT "
                + limit + ") UNION ALL SELECT " + columns + " FROM delivery d " + where
                + " AND d.key > (SELECT last_key FROM segment ORDER BY number DESC LIMIT 1) ORDER BY id " + order
                + " LIMIT " + limit + ")";
    }

    /** Empties the index. What is not indexed is found nevertheless, but a query reads all of it. */
    static void reset(Statement statement) throws SQLException {
        statement.execute("UPDATE delivery SET segment = -1 WHERE segment > 0");
        statement.execute("DELETE FROM segment");
        statement.execute("INSERT INTO segment (number, after_id, last_key) VALUES (1, '', 0)");
    }

    /** Reads what is committed. */
    void begin(Statements statements) throws SQLException {
        statements.query(NEWEST, row -> {
            newest = row.getInt(1);
            afterId = row.getString(2);
            lastKey = row.getLong(3);
            return newest;
        });
        Range range = range(statements, INDEXED, newest);
        size = range.size();
        lastId = range.lastId() == null ? afterId : range.lastId();
    }

    private static Range range(Statements statements, String sql, Object... values) throws SQLException {
        return statements
                .first(sql, row -> new Range(row.getInt(1), row.getString(2)), values)
                .orElseThrow();
    }

    /** The key up to which deliveries are indexed. */
    long lastKey() {
        return lastKey;
    }

    /** The segment of a delivery that is not indexed. As wide as the later one, so that its row keeps its size. */
    int notIndexed() {
        return -newest;
    }

    /** Indexes deliveries, if they are enough. @param lastDelivery the key of the last one */
    void index(Statements statements, long lastDelivery) throws SQLException {
        if (lastDelivery - lastKey < BATCH) {
            return;
        }
        if (size >= SIZE) {
            open(statements);
        }
        long until = Math.min(lastDelivery, lastKey + MOST);
        Range added = range(statements, NEXT, lastKey, until);
        statements.update(INDEX, afterId, newest, lastKey, until);
        statements.update(SET_LAST_KEY, until, newest);
        size += added.size();
        if (added.lastId() != null && added.lastId().compareTo(lastId) > 0) {
            lastId = added.lastId();
        }
        lastKey = until;
    }

    private void open(Statements statements) throws SQLException {
        newest++;
        afterId = lastId;
        size = 0;
        statements.update(OPEN, newest, afterId, lastKey);
        statements.update(REMOVE_EMPTY, newest);
    }
}
