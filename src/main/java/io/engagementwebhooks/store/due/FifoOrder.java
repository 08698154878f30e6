package io.engagementwebhooks.store.due;

import io.engagementwebhooks.store.jdbc.Columns;
import io.engagementwebhooks.store.jdbc.Dialect;
import io.engagementwebhooks.store.jdbc.Hashes;
import io.engagementwebhooks.store.jdbc.HotWrites;
import io.engagementwebhooks.store.jdbc.Statements;
import io.engagementwebhooks.store.jdbc.Values;
import io.engagementwebhooks.store.outcome.AttemptResult;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Keeps deliveries of one FIFO key in order. Only the first has a due time; the others are due at {@link
 * FifoSuccession#NOT_YET}. A transaction that adds a delivery to a key or ends one holds the key's lock until its
 * commit. Used by a writer thread.
 */
public final class FifoOrder {

    private static final long NOT_YET = FifoSuccession.NOT_YET.toEpochMilli();
    private static final String OVERTAKE =
            "UPDATE due SET fifo_place = NULL WHERE webhook = ? AND fifo_key = ? AND fifo_place < ?";

    /** The next delivery of a key, and whether it has no attempt yet: retries keep their own schedule. */
    private static final String NEXT =
            "SELECT delivery, webhook, retry, due_at, id, fifo_since IS NULL AND unsent_since IS NULL FROM due"
                    + " WHERE webhook = ? AND fifo_key = ? AND fifo_place > ? ORDER BY fifo_place LIMIT 1";

    private final Dialect dialect;
    private final DueRows dueRows;
    private final String findBusy;
    private final String find;
    private final String restartAge;

    public FifoOrder(Dialect dialect, DueRows dueRows) {
        this.dialect = dialect;
        this.dueRows = dueRows;
        this.findBusy = "SELECT x.place FROM " + dialect.rows("x", "place int", "webhook int", "fifo_key text")
                + " WHERE EXISTS (SELECT 1 FROM due u WHERE u.webhook = x.webhook AND u.fifo_key = x.fifo_key"
                + " AND u.fifo_place > 0)";
        this.find = "SELECT " + DueRows.COLUMNS + ", u.fifo_key, u.fifo_place, u.fifo_since FROM delivery d"
                + " JOIN due u ON " + DueRows.OF_DELIVERY
                + " WHERE d.account = ? AND " + dialect.in("d.id") + " AND d.ended_at IS NULL"
                + " AND u.fifo_place IS NOT NULL";
        this.restartAge = "started_at = ?, paused_before = (SELECT w.paused_total"
                + " + CASE WHEN w.state = 'active' THEN 0 ELSE " + dialect.greatest()
                + "(0, CAST(? AS bigint) - w.since) END FROM webhook w WHERE w.key = due.webhook)";
    }

    /** A FIFO key of a webhook. */
    public record Key(int webhook, String key) {}

    /** A delivery with a FIFO place. @param since time of its first failure, or null */
    public record Place(DueRows.Row row, Key key, long place, Long since) {

        static Place of(ResultSet row) throws SQLException {
            DueRows.Row due = DueRows.Row.of(row, 1);
            return new Place(due, new Key(due.webhook(), row.getString(6)), row.getLong(7), Columns.millis(row, 8));
        }
    }

    private record Next(DueRows.Row row, boolean isFirstAttempt) {}

    /** An assigned place. @param isBlocked whether another delivery blocks it */
    public record AssignedPlace(long place, boolean isBlocked) {}

    /** Locks keys until the end of the transaction. @param keys may contain nulls */
    public void lock(Statements statements, Collection<String> keys) throws SQLException {
        dialect.lock(
                statements,
                keys.stream()
                        .filter(Objects::nonNull)
                        .map(key -> Hashes.lock("fifo", key))
                        .toList());
    }

    /** Assigns places to new deliveries, in their order. Their keys are locked. */
    public List<AssignedPlace> assignPlaces(Statements statements, List<Key> keys) throws SQLException {
        if (keys.isEmpty()) {
            return List.of();
        }
        int[] next = {0};
        Set<Integer> isBusy = new HashSet<>(statements.query(
                findBusy, row -> row.getInt(1), Values.table(List.of("int", "int", "text"), keys, key ->
                        new Object[] {next[0]++, key.webhook(), key.key()})));
        List<Long> places = dialect.hot().allocatePlaces(statements, keys.size());
        Set<Key> joined = new HashSet<>();
        AssignedPlace[] given = new AssignedPlace[keys.size()];
        for (int i = 0; i < given.length; i++) {
            boolean isFirst = joined.add(keys.get(i)) && !isBusy.contains(i);
            given[i] = new AssignedPlace(places.get(i), !isFirst);
        }
        return List.of(given);
    }

    /** Locks a key and assigns a place at its end. */
    public AssignedPlace assignLastPlace(Statements statements, Key key) throws SQLException {
        lock(statements, List.of(key.key()));
        boolean behind = next(statements, key, 0) != null;
        return new AssignedPlace(dialect.hot().allocatePlaces(statements, 1).get(0), behind);
    }

    /** The places of deliveries whose attempts end, before their rows change. Their keys are locked. */
    public Map<String, Place> places(Statements statements, List<HotWrites.End> ends) throws SQLException {
        Map<Integer, List<String>> byAccount = new HashMap<>();
        for (HotWrites.End end : ends) {
            if (end.result().fifo() != null) {
                byAccount
                        .computeIfAbsent(end.account(), account -> new java.util.ArrayList<>())
                        .add(end.result().delivery());
            }
        }
        Map<String, Place> places = new HashMap<>();
        for (Map.Entry<Integer, List<String>> account : byAccount.entrySet()) {
            places.putAll(places(statements, account.getKey(), account.getValue()));
        }
        return places;
    }

    private Map<String, Place> places(Statements statements, int account, Collection<String> deliveries)
            throws SQLException {
        Map<String, Place> places = new HashMap<>();
        statements.query(
                find,
                row -> {
                    Place place = Place.of(row);
                    return places.put(place.row().id(), place);
                },
                account,
                Values.texts(deliveries));
        return places;
    }

    /**
     * Updates the FIFO order after attempts were recorded.
     *
     * @param places from {@link #places}
     * @return the due time of the next delivery of the key, by delivery
     */
    public Map<String, Instant> recorded(
            Statements statements, List<AttemptResult> results, Map<String, Place> places, Instant now)
            throws SQLException {
        Map<String, Instant> next = new HashMap<>();
        for (AttemptResult result : results) {
            Place place = places.get(result.delivery());
            Instant at = place == null ? null : recorded(statements, result, place, now);
            if (at != null) {
                next.put(result.delivery(), at);
            }
        }
        return next;
    }

    private Instant recorded(Statements statements, AttemptResult result, Place place, Instant now)
            throws SQLException {
        if (result.attempt() != null) {
            statements.update(OVERTAKE, place.key().webhook(), place.key().key(), place.place());
        }
        if (result.state().ended()) {
            return scheduleFirst(statements, place.key(), now);
        }
        return result.attempt() == null
                ? dueAt(next(statements, place.key(), place.place()))
                : failed(statements, result, place, now);
    }

    /** Schedules the next delivery for when this one has failed for too long, unless a retry comes before that. */
    private Instant failed(Statements statements, AttemptResult result, Place place, Instant now) throws SQLException {
        long since = place.since() == null ? now.toEpochMilli() : place.since();
        DueRows.update(statements, place.row().postponed(result.dueAt()), "fifo_since = ?", since);
        Next next = next(statements, place.key(), place.place());
        if (next == null || !next.isFirstAttempt()) {
            return dueAt(next);
        }
        long until = result.fifo().skipAfter() == null
                ? NOT_YET
                : since + result.fifo().skipAfter().toMillis();
        boolean isOvertaken = until < result.dueAt().toEpochMilli();
        return schedule(statements, next, isOvertaken ? Math.max(until, now.toEpochMilli()) : NOT_YET, now);
    }

    /**
     * Locks the keys of deliveries that will end without an attempt.
     *
     * @return the keys, for {@link #scheduleFirst}
     */
    Set<Key> lockKeys(Statements statements, int account, Collection<String> deliveries) throws SQLException {
        Map<String, Place> places = places(statements, account, deliveries);
        lock(
                statements,
                places.values().stream().map(place -> place.key().key()).toList());
        Set<Key> keys = new HashSet<>();
        places.values().forEach(place -> keys.add(place.key()));
        return keys;
    }

    /** Makes the first delivery of each key due now, unless it has a retry schedule. */
    void scheduleFirst(Statements statements, Set<Key> keys, Instant now) throws SQLException {
        for (Key key : keys) {
            scheduleFirst(statements, key, now);
        }
    }

    private Instant scheduleFirst(Statements statements, Key key, Instant now) throws SQLException {
        Next first = next(statements, key, 0);
        return first == null || !first.isFirstAttempt()
                ? dueAt(first)
                : schedule(statements, first, now.toEpochMilli(), now);
    }

    /** A delivery that is due keeps its due time: it may be in flight. */
    private Instant schedule(Statements statements, Next next, long at, Instant now) throws SQLException {
        if (next.row().dueAt() <= now.toEpochMilli()) {
            return dueAt(next);
        }
        if (next.row().dueAt() != at) {
            dueRows.move(statements, dueRows.lock(statements, List.of(next.row().key())), at);
            // its age counts from when it may be sent
            DueRows.update(statements, next.row().moved(at), restartAge, at == NOT_YET ? now.toEpochMilli() : at, now);
        }
        return at == NOT_YET ? null : Instant.ofEpochMilli(at);
    }

    private static Instant dueAt(Next next) {
        return next == null || next.row().dueAt() >= NOT_YET
                ? null
                : Instant.ofEpochMilli(next.row().dueAt());
    }

    private static Next next(Statements statements, Key key, long after) throws SQLException {
        return statements
                .first(
                        NEXT,
                        row -> new Next(DueRows.Row.of(row, 1), row.getBoolean(6)),
                        key.webhook(),
                        key.key(),
                        after)
                .orElse(null);
    }
}
