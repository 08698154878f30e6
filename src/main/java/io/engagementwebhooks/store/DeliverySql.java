package io.engagementwebhooks.store;

import com.github.f4b6a3.ulid.Ulid;
import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;

/** What deliveries and their attempts are read by in SQL that both stores speak. */
public final class DeliverySql {

    /** One of an account as if it were due, whatever became of it: {@link #due}; none: payloads that it needs are gone. */
    public static final String KEPT =
            "SELECT a.id, w.name, d.id, d.attempts, d.base, d.started_at, d.paused_before, coalesce(d.due_at, d.started_at),"
                    + " d.wait_field, e.source, e.id, e.type, e.subject, e.time, e.document, e.data_sha256,"
                    + " l.source, l.id, l.type, l.subject, l.time, l.document, l.data_sha256, d.unsent_since,"
                    + " d.fifo_key, e.trace FROM delivery d JOIN account a ON a.key = d.account JOIN webhook w ON w.key = d.webhook"
                    + " JOIN event e ON e.key = d.event LEFT JOIN event l ON l.key = d.later WHERE a.id = ? AND d.id = ?"
                    + " AND e.document IS NOT NULL AND (d.later IS NULL OR l.document IS NOT NULL)";

    /** Those of a delivery, each an {@link #attempt}. */
    public static final String ATTEMPTS =
            "SELECT number, started_at, ms, outcome, reason, note, status, headers, body, timing, request,"
                    + " request_body FROM attempt WHERE delivery = ? ORDER BY number";

    /** How far the time in an id may be from the time of acceptance: ids are made before, and never go back. */
    private static final Duration ID_DRIFT = Duration.ofMinutes(1);

    private DeliverySql() {}

    /** As the API shows them: {@link #delivery}. @param deliveries a table of them, or a part of it */
    public static String shown(String deliveries) {
        return "SELECT d.id, a.id, w.name, d.event, e.id, e.type, d.state, d.outcome, d.reason, d.attempts, d.accepted_at,"
                + " d.due_at, d.ended_at, d.replay_of, CASE WHEN d.fifo_place IS NOT NULL THEN (SELECT h.id FROM delivery h"
                + " WHERE h.webhook = d.webhook AND h.fifo_key = d.fifo_key AND h.fifo_place < d.fifo_place"
                + " ORDER BY h.fifo_place LIMIT 1) END FROM " + deliveries + " d JOIN webhook w ON w.key = d.webhook"
                + " JOIN account a ON a.key = d.account JOIN event e ON e.key = d.event ";
    }

    /** The condition that they are of a share. @param share null: of either */
    public static String of(Share share) {
        if (share == null) {
            return "";
        }
        return share == Share.FIRST_TRIES ? " AND d.attempts = 0" : " AND d.attempts > 0";
    }

    /** Ids begin with the time of acceptance, but for a little: so the walk ends where the times asked for end. */
    public static String firstId(Instant from) {
        return from == null
                ? null
                : Ulid.min(Math.max(0, from.minus(ID_DRIFT).toEpochMilli())).toString();
    }

    /** See {@link #firstId}. */
    public static String lastId(Instant to) {
        return to == null
                ? null
                : Ulid.max(Math.max(0, to.plus(ID_DRIFT).toEpochMilli())).toString();
    }

    /** A row of one that is due, as {@link #KEPT} has it. */
    public static DueDelivery due(ResultSet row) throws SQLException {
        String account = row.getString(1);
        return new DueDelivery(
                row.getString(3),
                Rows.webhook(row),
                Rows.event(account, row, 10)
                        .traced(TraceParent.of(row.getString(26)).orElse(null)),
                row.getBytes(22) == null ? null : Rows.event(account, row, 17),
                row.getInt(4),
                row.getInt(5),
                Instant.ofEpochMilli(row.getLong(6)),
                Duration.ofMillis(row.getLong(7)),
                Instant.ofEpochMilli(row.getLong(8)),
                row.getString(9) != null,
                Rows.instant(row, 24),
                row.getString(25));
    }

    /** A row of {@link #shown}. */
    public static DeliveryRow delivery(ResultSet row) throws SQLException {
        Instant due = Rows.instant(row, 12);
        return new DeliveryRow(
                row.getString(1),
                new WebhookId(row.getString(2), row.getString(3)),
                row.getLong(4),
                row.getString(5),
                row.getString(6),
                DeliveryState.of(row.getString(7)),
                row.getString(8),
                row.getString(9),
                row.getInt(10),
                Rows.instant(row, 11),
                FifoTurn.NOT_YET.equals(due) ? null : due,
                Rows.instant(row, 13),
                row.getString(14),
                row.getString(15));
    }

    /** A row of {@link #ATTEMPTS}. */
    public static AttemptRow attempt(ResultSet row) throws SQLException {
        return new AttemptRow(
                row.getInt(1),
                Rows.instant(row, 2),
                row.getLong(3),
                row.getString(4),
                row.getString(5),
                row.getString(6),
                row.getObject(7) == null ? null : row.getInt(7),
                row.getString(8),
                row.getBytes(9),
                row.getString(10),
                row.getString(11),
                row.getBytes(12));
    }
}
