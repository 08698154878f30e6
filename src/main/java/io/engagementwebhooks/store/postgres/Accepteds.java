package io.engagementwebhooks.store.postgres;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.store.EventLog;
import io.engagementwebhooks.store.EventSql;
import io.engagementwebhooks.store.Rows;
import java.util.List;
import java.util.Optional;

/** The events that were accepted, by any instance. Thread-safe. */
final class Accepteds implements EventLog {

    private static final String NEWEST = " AND e.key < ? ORDER BY e.key DESC LIMIT ?";

    private final Reads reads;

    Accepteds(Reads reads) {
        this.reads = reads;
    }

    @Override
    public List<EventRow> events(String account, String id, long before, int limit) {
        if (id == null) {
            return reads.query(EventSql.ROWS + NEWEST, List.of(account, before, limit), EventSql::row);
        }
        byte[] identity = Hashes.ofId(id);
        return reads.query(
                EventSql.ROWS + " AND e.id = ? AND e.identity BETWEEN ? AND ?" + NEWEST,
                List.of(account, id, identity, Hashes.after(identity), before, limit),
                EventSql::row);
    }

    @Override
    public Optional<EventRow> row(String account, long key) {
        return reads.first(EventSql.ROWS + " AND e.key = ?", List.of(account, key), EventSql::row);
    }

    @Override
    public Optional<Event> event(String account, long key) {
        return reads.first(EventSql.WITH_DATA, List.of(account, key), row -> Rows.event(account, row, 1));
    }
}
