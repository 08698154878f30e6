package io.engagementwebhooks.store.sqlite;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.store.EventLog;
import io.engagementwebhooks.store.EventSql;
import io.engagementwebhooks.store.Rows;
import java.util.List;
import java.util.Optional;

/** The events that were accepted. Thread-safe. */
final class Accepteds implements EventLog {

    /** The pluses keep the planner from going through all events of the account, because they are in the order asked for. */
    static final String OF_ID = EventSql.ROWS + " AND e.id = ? AND +e.key < ? ORDER BY +e.key DESC LIMIT ?";

    private final Reads reads;

    Accepteds(Reads reads) {
        this.reads = reads;
    }

    @Override
    public List<EventRow> events(String account, String id, long before, int limit) {
        String order = " AND e.key < ? ORDER BY e.key DESC LIMIT ?";
        return id == null
                ? reads.query(EventSql.ROWS + order, List.of(account, before, limit), EventSql::row)
                : reads.query(OF_ID, List.of(account, id, before, limit), EventSql::row);
    }

    @Override
    public Optional<EventRow> row(String account, long key) {
        return reads.query(EventSql.ROWS + " AND e.key = ?", List.of(account, key), EventSql::row).stream()
                .findFirst();
    }

    @Override
    public Optional<Event> event(String account, long key) {
        return reads.query(EventSql.WITH_DATA, List.of(account, key), row -> Rows.event(account, row, 1)).stream()
                .findFirst();
    }
}
