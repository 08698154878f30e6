package io.engagementwebhooks.store.sqlite;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventIdentity;
import io.engagementwebhooks.store.EventLog;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The events that were accepted. Thread-safe. */
final class Accepteds implements EventLog {

    private static final String COLUMNS = "SELECT e.key, e.id, e.source, e.type, e.subject, e.time, e.accepted_at,"
            + " e.deliveries, e.document IS NOT NULL FROM event e"
            + " WHERE e.account = (SELECT key FROM account WHERE id = ?)";

    /** The pluses keep the planner from going through all events of the account, because they are in the order asked for. */
    static final String OF_ID = COLUMNS + " AND e.id = ? AND +e.key < ? ORDER BY +e.key DESC LIMIT ?";

    private final Reads reads;

    Accepteds(Reads reads) {
        this.reads = reads;
    }

    @Override
    public List<EventRow> events(String account, String id, long before, int limit) {
        String order = " AND e.key < ? ORDER BY e.key DESC LIMIT ?";
        return id == null
                ? reads.query(COLUMNS + order, List.of(account, before, limit), Accepteds::row)
                : reads.query(OF_ID, List.of(account, id, before, limit), Accepteds::row);
    }

    @Override
    public Optional<EventRow> row(String account, long key) {
        return reads.query(COLUMNS + " AND e.key = ?", List.of(account, key), Accepteds::row).stream()
                .findFirst();
    }

    @Override
    public Optional<Event> event(String account, long key) {
        return reads
                .query(
                        "SELECT e.source, e.id, e.type, e.subject, e.time, e.document, e.data_sha256 FROM event e"
                                + " WHERE e.account = (SELECT key FROM account WHERE id = ?) AND e.key = ?"
                                + " AND e.document IS NOT NULL",
                        List.of(account, key),
                        row -> new Event(
                                new EventIdentity(account, row.getString(1), row.getString(2)),
                                row.getString(3),
                                row.getString(4),
                                Reads.instant(row, 5),
                                row.getBytes(6),
                                row.getBytes(7)))
                .stream()
                .findFirst();
    }

    private static EventRow row(ResultSet row) throws SQLException {
        return new EventRow(
                row.getLong(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                Reads.instant(row, 6),
                Instant.ofEpochMilli(row.getLong(7)),
                row.getInt(8),
                row.getBoolean(9));
    }
}
