package io.engagementwebhooks.store.sqlite;

import io.engagementwebhooks.store.jdbc.Dialect;
import io.engagementwebhooks.store.jdbc.Statements;
import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The index of SQLite's deliveries by webhook. If each delivery were indexed when it is stored, a group would change a
 * page of the index for each of its webhooks. So many deliveries are indexed at a time, and the index consists of
 * segments: each holds the entries of a range of ids, in few pages. For one webhook, the order by segment and id is the
 * order by id. The newest deliveries are not indexed yet; queries find them by key. Used by the writer thread.
 */
final class DeliverySegments {

    private static final Logger LOG = LoggerFactory.getLogger(DeliverySegments.class);

    /** When as many deliveries are not indexed, a group indexes some. A query by webhook examines up to as many. */
    static final int BATCH = 1_024;

    /**
     * The fewest deliveries that a group indexes. To index a whole batch takes milliseconds, for which the callers of a
     * small group would wait.
     */
    static final int STEP = BATCH / 8;

    /**
     * The number of deliveries that a group indexes for each one that it stores, if these are more than a step. In
     * large steps more entries share a page.
     */
    private static final int INDEXED_PER_DELIVERY = 64;

    /** The number of deliveries after which a segment begins. A query by webhook searches each segment. */
    static final int SIZE = 32_768;

    private static final String IS_BEHIND =
            "SELECT 1 FROM delivery WHERE key >= (SELECT max(last_key) FROM segment) + " + BATCH + " LIMIT 1";

    private static final String NEWEST = "SELECT number, after_id, last_key FROM segment ORDER BY number DESC LIMIT 1";
    private static final String INDEXED = "SELECT count(*), max(id) FROM delivery WHERE segment = ? AND segment > 0";
    private static final String NEXT = "SELECT count(*), max(id) FROM delivery WHERE key > ? AND key <= ?";
    /**
     * On a fault the caller must roll back: the rows changed so far stay changed. With ABORT, the default, SQLite copies
     * each page before it changes it.
     */
    private static final String INDEX = "UPDATE OR FAIL delivery SET segment = CASE WHEN id > ? THEN ? ELSE"
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

    /** The subquery of {@link Dialect#ofWebhook}. */
    static String ofWebhook(String columns, String where, String order, String limit) {
        return ofWebhook(columns, where, "", order, limit);
    }

    /** The subquery of {@link Dialect#ofWebhookSince}: no segment before that of the first id is searched. */
    static String ofWebhookSince(String columns, String where, String limit) {
        return ofWebhook(
                columns, where, " AND s.number >= (SELECT max(number) FROM segment WHERE after_id < ?)", "DESC", limit);
    }

    /** CROSS JOIN makes SQLite read the segments in their order. */
    private static String ofWebhook(String columns, String where, String segments, String order, String limit) {
        return "(SELECT * FROM (SELECT " + columns + " FROM segment s CROSS JOIN delivery d " + where + segments
                + " AND d.segment = s.number AND d.segment > 0 ORDER BY s.number " + order + ", d.id " + order
                + " LIMIT " + limit + ") UNION ALL SELECT " + columns + " FROM delivery d " + where
                + " AND d.key > (SELECT last_key FROM segment ORDER BY number DESC LIMIT 1) ORDER BY id " + order
                + " LIMIT " + limit + ")";
    }

    /** Makes the index of a store whose segments are lost, as in a recovered file: see docs/operations.md. */
    static void repair(Statements statements) throws SQLException {
        if (!statements.exists("SELECT 1 FROM segment WHERE number = 1")) {
            statements.update("BEGIN IMMEDIATE");
            statements.update("UPDATE OR FAIL delivery SET segment = -1");
            statements.update("DELETE FROM segment");
            statements.update(OPEN, 1, "", 0);
            statements.update("COMMIT");
        }
        if (!statements.exists(IS_BEHIND)) {
            return;
        }
        DeliverySegments segments = new DeliverySegments();
        segments.begin(statements);
        long last = statements
                .first("SELECT max(key) FROM delivery", row -> row.getLong(1))
                .orElseThrow();
        LOG.info("store.indexing deliveries={}", last - segments.lastKey);
        while (last - segments.lastKey >= BATCH) {
            statements.update("BEGIN IMMEDIATE");
            segments.index(statements, Math.min(last, segments.lastKey + SIZE));
            statements.update("COMMIT");
        }
        LOG.info("store.indexed");
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

    /** The value of a delivery that is not indexed. Mostly as wide as the later one, so that the row does not grow. */
    int notIndexed() {
        return -newest;
    }

    /**
     * Indexes the oldest deliveries if {@link #BATCH} are not indexed.
     *
     * @param lastDelivery the key of the last one
     * @param added the number of deliveries in the group
     */
    void indexSome(Statements statements, long lastDelivery, long added) throws SQLException {
        if (lastDelivery - lastKey >= BATCH) {
            index(statements, Math.min(lastDelivery, lastKey + Math.max(STEP, added * INDEXED_PER_DELIVERY)));
        }
    }

    private void index(Statements statements, long upTo) throws SQLException {
        if (size >= SIZE) {
            open(statements);
        }
        Range added = range(statements, NEXT, lastKey, upTo);
        statements.update(INDEX, afterId, newest, lastKey, upTo);
        statements.update(SET_LAST_KEY, upTo, newest);
        size += added.size();
        if (added.lastId() != null && added.lastId().compareTo(lastId) > 0) {
            lastId = added.lastId();
        }
        lastKey = upTo;
    }

    private void open(Statements statements) throws SQLException {
        newest++;
        afterId = lastId;
        size = 0;
        statements.update(OPEN, newest, afterId, lastKey);
        statements.update(REMOVE_EMPTY, newest);
    }
}
