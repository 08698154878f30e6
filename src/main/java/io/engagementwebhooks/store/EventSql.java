package io.engagementwebhooks.store;

import io.engagementwebhooks.store.EventLog.EventRow;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;

/** What events are read by in SQL that both stores speak. */
public final class EventSql {

    /** Those of an account, each a {@link #row}; a condition may follow. */
    public static final String ROWS = "SELECT e.key, e.id, e.source, e.type, e.subject, e.time, e.accepted_at,"
            + " e.deliveries, e.document IS NOT NULL FROM event e"
            + " WHERE e.account = (SELECT key FROM account WHERE id = ?)";

    /** One of an account with its data, if that is kept: see {@link Rows#event}. */
    public static final String WITH_DATA =
            "SELECT e.source, e.id, e.type, e.subject, e.time, e.document, e.data_sha256 FROM event e"
                    + " WHERE e.account = (SELECT key FROM account WHERE id = ?) AND e.key = ?"
                    + " AND e.document IS NOT NULL";

    private EventSql() {}

    /** Events after a point, in the order of acceptance, each an {@link #agedEvent}: what a retention step looks at. */
    public static String aged(boolean withPayload) {
        return "SELECT e.key, e.accepted_at,"
                + " (SELECT max(coalesce(d.ended_at, 9223372036854775807)) FROM delivery d WHERE d.event = e.key),"
                + " EXISTS (SELECT 1 FROM delivery d WHERE d.later = e.key AND d.state = 'waiting'),"
                + " EXISTS (SELECT 1 FROM delivery d WHERE d.later = e.key)"
                + " FROM event e WHERE e.document IS " + (withPayload ? "NOT " : "") + "NULL"
                + " AND (e.accepted_at, e.key) > (?, ?) AND e.accepted_at < ? ORDER BY e.accepted_at, e.key LIMIT ?";
    }

    /** A row of {@link #ROWS}. */
    public static EventRow row(ResultSet row) throws SQLException {
        return new EventRow(
                row.getLong(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                Rows.instant(row, 6),
                Instant.ofEpochMilli(row.getLong(7)),
                row.getInt(8),
                row.getBoolean(9));
    }

    /** A row of {@link #aged}. */
    public static AgedEvent agedEvent(ResultSet row) throws SQLException {
        return new AgedEvent(
                row.getLong(1),
                row.getLong(2),
                row.getObject(3) == null ? row.getLong(2) : row.getLong(3),
                row.getBoolean(4),
                row.getBoolean(5));
    }

    /**
     * An event that retention may be over for.
     *
     * @param endedAt when its last delivery ended, far in the future while one waits; without deliveries: its acceptance
     * @param neededLater whether a waiting delivery of another event reads it
     * @param referred whether any delivery of another event refers to it
     */
    public record AgedEvent(long key, long acceptedAt, long endedAt, boolean neededLater, boolean referred) {
        /** Before every other. */
        public static final AgedEvent NONE = new AgedEvent(Long.MIN_VALUE, Long.MIN_VALUE, 0, false, false);
    }
}
