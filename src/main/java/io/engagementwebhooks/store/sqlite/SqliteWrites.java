package io.engagementwebhooks.store.sqlite;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventIdentity;
import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.store.jdbc.HotWrites;
import io.engagementwebhooks.store.jdbc.ShortJson;
import io.engagementwebhooks.store.jdbc.Statements;
import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.query.AttemptRow;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The batched writes of SQLite, row by row: a statement costs no round trip. Used by the writer thread. */
public final class SqliteWrites implements HotWrites {

    private static final String INSERT_EVENT =
            "INSERT INTO event (key, account, source, id, type, subject, time, accepted_at, data_sha256, deliveries, trace,"
                    + " document) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
    private static final String FIND_EVENT =
            "SELECT key, data_sha256, deliveries FROM event WHERE account = ? AND source = ? AND id = ?";
    private static final String INSERT_DELIVERY =
            "INSERT INTO delivery (key, account, id, webhook, event, state, outcome, problem, reason, accepted_at, due_at,"
                    + " ended_at, later, fifo_key, kind, segment) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    private static final String INSERT_DUE =
            "INSERT INTO due (webhook, due_at, id, delivery, account, started_at, paused_before, wait_field, wait_subject,"
                    + " fifo_key, fifo_place) VALUES (?1, ?2, ?3, ?4, ?5, ?6, (SELECT paused_total + CASE WHEN state = 'active'"
                    + " THEN 0 ELSE max(0, ?6 - since) END FROM webhook WHERE key = ?1), ?7, ?8, ?9, ?10)";

    /** Keeps the due time, by which the row of {@code due} is found. */
    private static final String END =
            "UPDATE delivery SET state = ?, outcome = coalesce(?, outcome), problem = ?, reason = ?,"
                    + " attempts = coalesce(max(?, attempts + 1), attempts), status = CASE WHEN ?5 IS NULL THEN status ELSE ?6 END,"
                    + " ended_at = ? WHERE account = ? AND id = ? AND ended_at IS NULL"
                    + " AND attempts = coalesce(?, attempts) AND due_at = coalesce(?, due_at)"
                    + " RETURNING key, webhook, due_at, attempts";

    private static final String END_DUE =
            "DELETE FROM due WHERE webhook = ? AND retry IN (FALSE, TRUE) AND due_at = ? AND id = ?";
    private static final String FIND =
            "SELECT key, webhook, due_at, attempts FROM delivery WHERE account = ? AND id = ?"
                    + " AND ended_at IS NULL AND attempts = coalesce(?, attempts) AND due_at = coalesce(?, due_at)";
    private static final String POSTPONE = "UPDATE delivery SET outcome = coalesce(?1, outcome),"
            + " problem = coalesce(?2, problem), reason = ?3, attempts = coalesce(?4, attempts),"
            + " status = CASE WHEN ?4 IS NULL THEN status ELSE ?5 END, due_at = ?6 WHERE key = ?7";
    private static final String POSTPONE_DUE = "UPDATE due SET due_at = ?1, retry = retry OR ?2 IS NOT NULL,"
            + " wait_field = CASE WHEN ?2 IS NULL THEN wait_field END,"
            + " unsent_since = CASE WHEN ?2 IS NULL THEN coalesce(unsent_since, ?3) END"
            + " WHERE webhook = ?4 AND retry IN (FALSE, TRUE) AND due_at = ?5 AND id = ?6";
    private static final String INSERT_ATTEMPT =
            "INSERT INTO attempt (key, started_at, ms, outcome, reason, note, status, headers, body, timing, request,"
                    + " request_body) VALUES ((? << 20) + ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";

    /** The most attempts stored of a delivery: 20 bits of their key are the number. */
    static final int MOST_ATTEMPTS = (1 << 20) - 1;

    public static final String LAST_PLACE =
            "SELECT max(fifo_place) FROM due INDEXED BY due_fifo WHERE fifo_place IS NOT NULL";

    private final DeliverySegments segments = new DeliverySegments();

    /** The last allocated keys; there is no other writer. */
    private long lastEvent = -1;

    private long lastDelivery;
    private long lastPlace;

    /** The key of the previous group's last delivery. */
    private long lastBefore;

    private void begin(Statements statements) throws SQLException {
        if (lastEvent < 0) {
            segments.begin(statements);
            // the newest ones may have been removed, and a key that was indexed once is not used again
            lastDelivery = Math.max(max(statements, "SELECT max(key) FROM delivery"), segments.lastKey());
            lastBefore = lastDelivery;
            lastPlace = max(statements, LAST_PLACE);
            lastEvent = Math.max(
                    max(statements, "SELECT max(key) FROM event"),
                    max(statements, "SELECT max(event) FROM incomplete_event"));
        }
    }

    private static long max(Statements statements, String sql) throws SQLException {
        return statements.first(sql, row -> row.getLong(1)).orElse(0L);
    }

    @Override
    public void insertEvents(Statements statements, List<EventRow> rows, long now) throws SQLException {
        begin(statements);
        for (EventRow row : rows) {
            Event event = row.event;
            long key = row.allocated == null ? lastEvent + 1 : row.allocated;
            int inserted = statements.update(
                    INSERT_EVENT,
                    key,
                    row.account,
                    event.source(),
                    event.id(),
                    event.type(),
                    event.subject(),
                    event.time(),
                    now,
                    event.dataSha256(),
                    row.deliveries,
                    event.trace().map(TraceParent::toString).orElse(null),
                    ShortJson.shorten(event.document()));
            if (inserted == 1) {
                row.key = key;
                lastEvent = Math.max(lastEvent, key);
            } else {
                row.known = statements
                        .first(
                                FIND_EVENT,
                                known -> new StoredEvent(known.getLong(1), known.getBytes(2), known.getInt(3)),
                                row.account,
                                event.source(),
                                event.id())
                        .orElseThrow();
            }
        }
    }

    @Override
    public void replaceIdentity(Statements statements, long event, EventIdentity identity) throws SQLException {
        statements.update("UPDATE event SET source = ?, id = ? WHERE key = ?", identity.source(), identity.id(), event);
    }

    @Override
    public void insertDeliveries(Statements statements, List<NewRow> rows, boolean areDue) throws SQLException {
        begin(statements);
        for (NewRow row : rows) {
            String outcome = row.isPending() ? null : "skipped";
            long key = allocateKey(statements);
            statements.update(
                    INSERT_DELIVERY,
                    key,
                    row.account(),
                    row.id(),
                    row.webhook(),
                    row.event(),
                    row.isPending() ? "waiting" : "skipped",
                    outcome,
                    outcome,
                    row.skipReason(),
                    row.acceptedAt(),
                    row.isPending() ? row.dueAt() : null,
                    row.isPending() ? null : row.acceptedAt(),
                    row.later(),
                    row.fifoKey(),
                    row.kind(),
                    segments.notIndexed());
            if (row.isPending() && areDue) {
                statements.update(
                        INSERT_DUE,
                        row.webhook(),
                        row.dueAt(),
                        row.id(),
                        key,
                        row.account(),
                        row.acceptedAt(),
                        row.waitField(),
                        row.waitSubject(),
                        row.fifoKey(),
                        row.place());
            }
        }
    }

    /** A row of {@code due}. */
    private record Due(long key, int webhook, long dueAt, int attempts) {}

    @Override
    public Map<String, Ended> endAttempts(Statements statements, List<End> ends, long now) throws SQLException {
        Map<String, Ended> ended = new HashMap<>();
        for (End end : ends) {
            Optional<Due> due =
                    end.result().state().ended() ? end(statements, end, now) : postpone(statements, end, now);
            due.ifPresent(known -> ended.put(end.result().delivery(), new Ended(known.key(), known.attempts())));
        }
        return ended;
    }

    private static Due due(java.sql.ResultSet row) throws SQLException {
        return new Due(row.getLong(1), row.getInt(2), row.getLong(3), row.getInt(4));
    }

    private static Optional<Due> end(Statements statements, End end, long now) throws SQLException {
        AttemptResult result = end.result();
        AttemptRow attempt = result.attempt();
        Optional<Due> due = statements.first(
                END,
                SqliteWrites::due,
                result.state().text(),
                end.outcome(),
                end.problem(),
                result.reason(),
                attempt == null ? null : attempt.number(),
                attempt == null ? null : attempt.status(),
                now,
                end.account(),
                result.delivery(),
                end.takenAttempts(),
                end.takenDueAt());
        if (due.isPresent()) {
            statements.update(END_DUE, due.get().webhook(), due.get().dueAt(), result.delivery());
        }
        return due;
    }

    private static Optional<Due> postpone(Statements statements, End end, long now) throws SQLException {
        AttemptResult result = end.result();
        AttemptRow attempt = result.attempt();
        Integer number = attempt == null ? null : (Integer) attempt.number();
        Optional<Due> due = statements.first(
                FIND, SqliteWrites::due, end.account(), result.delivery(), end.takenAttempts(), end.takenDueAt());
        if (due.isPresent()) {
            statements.update(
                    POSTPONE,
                    end.outcome(),
                    end.problem(),
                    result.reason(),
                    number,
                    attempt == null ? null : attempt.status(),
                    result.dueAt(),
                    due.get().key());
            statements.update(
                    POSTPONE_DUE,
                    result.dueAt(),
                    number,
                    now,
                    due.get().webhook(),
                    due.get().dueAt(),
                    result.delivery());
        }
        return due;
    }

    /** In the order of keys, which fills the pages. An attempt that has no room in the key of its delivery is not stored. */
    @Override
    public void insertAttempts(Statements statements, List<Attempt> attempts) throws SQLException {
        List<Attempt> inOrder = new ArrayList<>(attempts);
        inOrder.removeIf(attempt -> attempt.row().number() > MOST_ATTEMPTS);
        inOrder.sort(Comparator.comparingLong(Attempt::key));
        for (Attempt attempt : inOrder) {
            AttemptRow row = attempt.row();
            statements.update(
                    INSERT_ATTEMPT,
                    attempt.key(),
                    row.number(),
                    row.startedAt(),
                    row.ms(),
                    row.outcome(),
                    row.reason(),
                    row.note(),
                    row.status(),
                    ShortJson.shorten(row.headers()),
                    row.body(),
                    ShortJson.shorten(row.timing()),
                    attempt.request(),
                    row.requestBody());
        }
    }

    @Override
    public List<Long> allocatePlaces(Statements statements, int many) throws SQLException {
        begin(statements);
        List<Long> places = new ArrayList<>(many);
        for (int i = 0; i < many; i++) {
            places.add(++lastPlace);
        }
        return places;
    }

    @Override
    public long allocateEvent(Statements statements) throws SQLException {
        begin(statements);
        return ++lastEvent;
    }

    @Override
    public long allocateKey(Statements statements) throws SQLException {
        begin(statements);
        return ++lastDelivery;
    }

    @Override
    public void end(Statements statements) throws SQLException {
        if (lastEvent >= 0) {
            segments.indexSome(statements, lastDelivery, lastDelivery - lastBefore);
            lastBefore = lastDelivery;
        }
    }

    /** Keys that were not used are free again. */
    @Override
    public void rolledBack() {
        lastEvent = -1;
    }
}
