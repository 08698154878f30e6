package io.engagementwebhooks.store.query;

import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.due.DueRows;
import io.engagementwebhooks.store.due.FifoSuccession;
import io.engagementwebhooks.store.jdbc.Columns;
import io.engagementwebhooks.store.jdbc.Dialect;
import io.engagementwebhooks.store.outcome.WebhookState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** The columns of deliveries, and how a row of them is read. */
public final class DeliveryColumns {

    static final String EVENTS =
            Columns.event("e", "event") + ", " + Columns.event("l", "later") + ", e.trace AS trace";

    /** The columns of a due delivery: see {@link #due}. */
    public static final String DUE = Columns.WEBHOOK
            + ", u.id AS delivery, d.attempts AS attempts, u.base AS base, u.started_at AS started_at,"
            + " u.paused_before AS paused_before, u.due_at AS due_at, u.wait_field AS wait_field,"
            + " u.unsent_since AS unsent_since, CASE WHEN u.fifo_place IS NOT NULL THEN u.fifo_key END AS fifo_key, "
            + EVENTS;

    /** The row of {@code due} of a pending delivery {@code d}. */
    private static final String WAITING = " FROM due u WHERE " + DueRows.OF_DELIVERY;

    /** The deliveries before {@code d} in its FIFO key, in order. */
    private static final String BEFORE_IN_FIFO =
            " FROM due u JOIN due h ON h.webhook = u.webhook AND h.fifo_key = u.fifo_key AND h.fifo_place <"
                    + " u.fifo_place WHERE " + DueRows.OF_DELIVERY + " ORDER BY h.fifo_place LIMIT ";

    /** The most scheduled deliveries of a FIFO key; the others are due at {@link FifoSuccession#NOT_YET}. */
    private static final int MAX_SCHEDULED = 10;

    private DeliveryColumns() {}

    /** The columns of {@link DeliveryRow}. @param deliveries the table, or a subquery of it */
    static String select(Dialect dialect, String deliveries) {
        String isPending = "CASE WHEN d.ended_at IS NULL ";
        String isInFifo = isPending + "AND d.fifo_key IS NOT NULL ";
        return "SELECT " + Columns.WEBHOOK
                + ", d.id AS delivery, d.event AS event_key, e.id AS event_id, e.type AS event_type, d.state AS state,"
                + " d.outcome AS outcome, d.reason AS reason, d.attempts AS attempts, d.accepted_at AS accepted_at, "
                + isPending + "THEN d.due_at END AS due_at, d.ended_at AS ended_at, d.replay_of AS replay_of, "
                + isInFifo + "THEN (SELECT h.id" + BEFORE_IN_FIFO + "1) END AS blocked_by, "
                + isInFifo + "THEN (SELECT min(y.due_at) FROM (SELECT h.due_at" + BEFORE_IN_FIFO + MAX_SCHEDULED
                + ") y) END AS blocked_by_due_at, "
                + isPending + "AND d.outcome IS NULL THEN (SELECT u.wait_field" + WAITING + ") END AS wait_field, "
                + isPending + "THEN (SELECT u.unsent_since IS NOT NULL" + WAITING + ") END AS is_unsent,"
                + " w.state AS webhook_state, w.hold_until AS hold_until, d.status AS status,"
                + " (SELECT t.ms FROM attempt t WHERE " + dialect.attempt("t", "d.key", "d.attempts")
                + ") AS ms, d.kind AS kind" + from(deliveries);
    }

    static String from(String deliveries) {
        return " FROM " + deliveries + " d JOIN webhook w ON w.key = d.webhook" + Columns.joinWebhook("d.webhook")
                + " JOIN event e ON e.key = d.event ";
    }

    private static Instant due(ResultSet row, String column) throws SQLException {
        Instant due = Columns.instant(row, column);
        return FifoSuccession.NOT_YET.equals(due) ? null : due;
    }

    /** A row of {@link #select}. */
    static DeliveryRow delivery(ResultSet row) throws SQLException {
        return new DeliveryRow(
                row.getString("delivery"),
                Columns.webhook(row),
                row.getLong("event_key"),
                row.getString("event_id"),
                row.getString("event_type"),
                DeliveryState.of(row.getString("state")),
                row.getString("outcome"),
                row.getString("reason"),
                row.getInt("attempts"),
                Columns.instant(row, "accepted_at"),
                due(row, "due_at"),
                Columns.instant(row, "ended_at"),
                row.getString("replay_of"),
                row.getString("blocked_by"),
                due(row, "blocked_by_due_at"),
                row.getString("wait_field"),
                row.getBoolean("is_unsent"),
                WebhookState.State.of(row.getString("webhook_state")),
                Columns.instant(row, "hold_until"),
                row.getObject("status") == null ? null : row.getInt("status"),
                Columns.millis(row, row.findColumn("ms")),
                kind(row.getString("kind")));
    }

    private static DeliveryRow.Kind kind(String text) {
        return text == null ? DeliveryRow.Kind.EVENT : DeliveryRow.Kind.valueOf(text.toUpperCase(Locale.ROOT));
    }

    /** A row of {@link #DUE}. */
    public static DueDelivery due(ResultSet row) throws SQLException {
        String account = row.getString(1);
        return new DueDelivery(
                row.getString("delivery"),
                Columns.webhook(row),
                Columns.event(account, row, "event")
                        .withTrace(TraceParent.of(row.getString("trace")).orElse(null)),
                row.getBytes("later_document") == null ? null : Columns.event(account, row, "later"),
                row.getInt("attempts"),
                row.getInt("base"),
                Columns.instant(row, "started_at"),
                Duration.ofMillis(row.getLong("paused_before")),
                Columns.instant(row, "due_at"),
                row.getString("wait_field") != null,
                Columns.instant(row, "unsent_since"),
                row.getString("fifo_key"));
    }
}
