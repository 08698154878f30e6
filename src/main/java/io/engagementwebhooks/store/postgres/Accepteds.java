package io.engagementwebhooks.store.postgres;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventIdentity;
import io.engagementwebhooks.store.EventLog;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The events that were accepted, by any instance. Thread-safe. */
final class Accepteds implements EventLog {

    private static final String ROWS = "SELECT e.key, e.id, e.source, e.type, e.subject, e.time, e.accepted_at,"
            + " e.deliveries, e.document IS NOT NULL FROM event e"
            + " WHERE e.account = (SELECT key FROM account WHERE id = ?)";
    private static final String NEWEST = " AND e.key < ? ORDER BY e.key DESC LIMIT ?";

    private final Reads reads;

    Accepteds(Reads reads) {
        this.reads = reads;
    }

    @Override
    public List<EventRow> events(String account, String id, long before, int limit) {
        if (id == null) {
            return reads.query(ROWS + NEWEST, List.of(account, before, limit), Accepteds::row);
        }
        byte[] identity = Hashes.ofId(id);
        return reads.query(
                ROWS + " AND e.id = ? AND e.identity BETWEEN ? AND ?" + NEWEST,
                List.of(account, id, identity, Hashes.after(identity), before, limit),
                Accepteds::row);
    }

    @Override
    public Optional<EventRow> row(String account, long key) {
        return reads.first(ROWS + " AND e.key = ?", List.of(account, key), Accepteds::row);
    }

    @Override
    public Optional<Event> event(String account, long key) {
        return reads.first(
                "SELECT e.source, e.id, e.type, e.subject, e.time, e.document, e.data_sha256 FROM event e"
                        + " WHERE e.account = (SELECT key FROM account WHERE id = ?) AND e.key = ?"
                        + " AND e.document IS NOT NULL",
                List.of(account, key),
                row -> new Event(
                        new EventIdentity(account, row.getString(1), row.getString(2)),
                        row.getString(3),
                        row.getString(4),
                        Columns.instant(row, 5),
                        row.getBytes(6),
                        row.getBytes(7)));
    }

    private static EventRow row(ResultSet row) throws SQLException {
        return new EventRow(
                row.getLong(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                Columns.instant(row, 6),
                Instant.ofEpochMilli(row.getLong(7)),
                row.getInt(8),
                row.getBoolean(9));
    }
}
