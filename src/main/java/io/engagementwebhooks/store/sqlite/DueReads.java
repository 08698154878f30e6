package io.engagementwebhooks.store.sqlite;

import io.engagementwebhooks.store.DeliverySql;
import io.engagementwebhooks.store.DueDelivery;
import io.engagementwebhooks.store.DueSearch;
import io.engagementwebhooks.store.FifoTurn;
import io.engagementwebhooks.store.Rows;
import io.engagementwebhooks.store.Share;
import io.engagementwebhooks.store.WaitingDeliveries.Waiting;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what is due, on a connection of its own, so that its statements stay prepared: where many webhooks have retries they
 * are asked hundreds of times a second, and preparing them costs nearly as much as what they find. Thread-safe, by one lock.
 */
final class DueReads implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DueReads.class);

    /** How many that are due later are looked at to find the next of one share. */
    private static final int LOOKED_AHEAD = 500;

    /** Makes a connection that only reads. */
    interface Connecting {
        Connection connection() throws SQLException;
    }

    private final Connecting connecting;
    private Connection connection;
    private Prepared prepared;
    private boolean closed;

    DueReads(Connecting connecting) {
        this.connecting = connecting;
    }

    private synchronized <T> List<T> query(String sql, List<?> values, Reads.Row<T> row) {
        try {
            return rows(sql, values, row);
        } catch (SQLException e) {
            // the driver closes a statement that a read error stopped, and it would never work again
            disconnect();
            throw SqliteStore.unavailable(e);
        }
    }

    private <T> List<T> rows(String sql, List<?> values, Reads.Row<T> row) throws SQLException {
        if (closed) {
            throw new SQLException("it is closed");
        }
        if (connection == null) {
            connection = connecting.connection();
            prepared = new Prepared(connection);
        }
        return Reads.rows(prepared.of(sql), values, row);
    }

    private <T> Optional<T> first(String sql, List<?> values, Reads.Row<T> row) {
        return query(sql, values, row).stream().findFirst();
    }

    DueSearch.Found due(DueSearch search) {
        Waiting end = search.look() == 0 ? null : lookingEndsAt(search);
        List<DueDelivery> due = query(
                "SELECT a.id, w.name, d.id, d.attempts, d.base, d.started_at, d.paused_before, d.due_at, d.wait_field,"
                        + " e.source, e.id, e.type, e.subject, e.time, e.document, e.data_sha256,"
                        + " l.source, l.id, l.type, l.subject, l.time, l.document, l.data_sha256, d.unsent_since,"
                        + " CASE WHEN d.fifo_place IS NOT NULL THEN d.fifo_key END, e.trace"
                        + " FROM account a JOIN webhook w ON w.account = a.key AND w.name = ?2"
                        + " JOIN delivery d ON d.webhook = w.key AND d.state = 'waiting'"
                        + " AND (d.due_at, d.id) > (?6, ?7) AND (d.due_at, d.id) <= (?8, ?9)"
                        + DeliverySql.of(search.share())
                        + " JOIN event e ON e.key = d.event LEFT JOIN event l ON l.key = d.later"
                        + " WHERE a.id = ?1 AND d.id NOT IN (SELECT value FROM json_each(?5))"
                        + " AND e.document IS NOT NULL AND (d.fifo_place IS NULL OR NOT EXISTS (SELECT 1 FROM delivery h"
                        + " WHERE h.webhook = d.webhook AND h.fifo_key = d.fifo_key AND h.fifo_place < d.fifo_place"
                        + " AND h.due_at <= ?3)) ORDER BY d.due_at, d.id LIMIT ?4",
                List.of(
                        search.webhook().account(),
                        search.webhook().name(),
                        search.at().toEpochMilli(),
                        search.limit(),
                        Reads.ids(search.without()),
                        search.after().dueAt().toEpochMilli(),
                        search.after().id(),
                        (end == null ? search.at() : end.dueAt()).toEpochMilli(),
                        end == null ? Reads.AFTER_ALL_IDS : end.id()),
                DeliverySql::due);
        return DueSearch.Found.upTo(end, due, search.limit());
    }

    /** @return the last of as many as are looked at, or null: there are not as many */
    private Waiting lookingEndsAt(DueSearch search) {
        return first(
                        "SELECT d.id, d.due_at FROM delivery d WHERE d.state = 'waiting' AND d.webhook ="
                                + " (SELECT w.key FROM webhook w JOIN account a ON a.key = w.account"
                                + " WHERE a.id = ? AND w.name = ?) AND (d.due_at, d.id) > (?, ?) AND d.due_at <= ?"
                                + " ORDER BY d.due_at, d.id LIMIT 1 OFFSET ?",
                        List.of(
                                search.webhook().account(),
                                search.webhook().name(),
                                search.after().dueAt().toEpochMilli(),
                                search.after().id(),
                                search.at().toEpochMilli(),
                                search.look() - 1),
                        row -> new Waiting(row.getString(1), Instant.ofEpochMilli(row.getLong(2))))
                .orElse(null);
    }

    long dueCount(WebhookId webhook, Instant at, int most) {
        return query(
                        "SELECT count(*) FROM (SELECT 1 FROM delivery d WHERE d.state = 'waiting' AND d.due_at <= ?"
                                + " AND d.webhook = (SELECT w.key FROM webhook w JOIN account a ON a.key = w.account"
                                + " WHERE a.id = ? AND w.name = ?) LIMIT ?)",
                        List.of(at.toEpochMilli(), webhook.account(), webhook.name(), most),
                        row -> row.getLong(1))
                .get(0);
    }

    Optional<Instant> nextDue(WebhookId webhook, Share share, Instant after) {
        String next = " FROM delivery d WHERE d.state = 'waiting' AND d.due_at > ? AND d.due_at < "
                + FifoTurn.NOT_YET.toEpochMilli() + " AND d.webhook ="
                + " (SELECT w.key FROM webhook w JOIN account a ON a.key = w.account"
                + " WHERE a.id = ? AND w.name = ?) ORDER BY d.due_at LIMIT ";
        List<Object> values = List.of(after.toEpochMilli(), webhook.account(), webhook.name());
        Optional<Instant> known = first(
                "SELECT d.due_at FROM (SELECT d.due_at, d.attempts" + next + LOOKED_AHEAD + ") d WHERE true"
                        + DeliverySql.of(share) + " LIMIT 1",
                values,
                row -> Rows.instant(row, 1));
        return known.isPresent()
                ? known
                : first(
                        "SELECT d.due_at" + next + "1 OFFSET " + (LOOKED_AHEAD - 1),
                        values,
                        row -> Rows.instant(row, 1));
    }

    /** Nothing can be read any more: the writer's connection is to be the last one. */
    @Override
    public synchronized void close() {
        closed = true;
        disconnect();
    }

    private void disconnect() {
        Connection ended = connection;
        connection = null;
        prepared = null;
        if (ended != null) {
            try {
                ended.close();
            } catch (SQLException e) {
                LOG.debug("the connection that reads what is due did not close cleanly", e);
            }
        }
    }
}
