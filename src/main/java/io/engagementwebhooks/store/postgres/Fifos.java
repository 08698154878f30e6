package io.engagementwebhooks.store.postgres;

import io.engagementwebhooks.store.FifoTurn;
import io.engagementwebhooks.store.NewDelivery;
import io.engagementwebhooks.store.TryResult;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Keeps deliveries of one key of a webhook in order: the first may go, the others are due at {@link FifoTurn#NOT_YET}. Who
 * adds to a key and who ends what is of it hold the key's lock until their commit, so that neither misses the other: what is
 * added finds either the one before it waiting, or its own turn come.
 */
final class Fifos {

    private static final long NOT_YET = FifoTurn.NOT_YET.toEpochMilli();

    /** Always in the same order, so that no two wait for each other. */
    private static final String LOCK = "SELECT count(*) FROM (SELECT pg_advisory_xact_lock(k) FROM unnest(?) k) locked";

    private static final String BUSY = "SELECT x.row FROM unnest(?, ?, ?, ?) x(row, account, name, fifo_key)"
            + " JOIN webhook w ON w.account = x.account AND w.name = x.name WHERE EXISTS (SELECT 1 FROM delivery d"
            + " WHERE d.webhook = w.key AND d.fifo_key = x.fifo_key AND d.fifo_place > 0)";
    private static final String PLACES = "SELECT nextval('fifo_place') FROM generate_series(1, ?)";
    private static final String FIND = "SELECT d.id, d.webhook, d.fifo_key, d.fifo_place, d.fifo_since FROM delivery d"
            + " WHERE d.id = ANY (?) AND d.fifo_place IS NOT NULL";
    private static final String LEAVE = "UPDATE delivery SET fifo_place = NULL WHERE id = ANY (?)";
    private static final String OVERTAKE =
            "UPDATE delivery SET fifo_place = NULL WHERE webhook = ? AND fifo_key = ? AND fifo_place < ?";
    private static final String FAILED = "UPDATE delivery SET fifo_since = ? WHERE id = ?";

    /** Of what has not been tried: when others are tried again is their own schedule's matter. */
    private static final String NEXT = "SELECT id, due_at, fifo_since IS NULL AND unsent_since IS NULL FROM delivery"
            + " WHERE webhook = ? AND fifo_key = ? AND fifo_place > ? ORDER BY fifo_place LIMIT 1";

    private static final String LET = "UPDATE delivery SET due_at = ?, started_at = ?, paused_before = "
            + "(SELECT w.paused_total + CASE WHEN w.state = 'active' THEN 0 ELSE greatest(0, ? - w.since) END"
            + " FROM webhook w WHERE w.key = delivery.webhook) WHERE id = ?";

    private Fifos() {}

    /** What must go one after the other. */
    record Key(int webhook, String key) {}

    private record Place(String delivery, Key key, long place, Long since) {

        static Place of(ResultSet row) throws SQLException {
            return new Place(
                    row.getString(1), new Key(row.getInt(2), row.getString(3)), row.getLong(4), Columns.millis(row, 5));
        }
    }

    private record Next(String delivery, long dueAt, boolean untried) {}

    /** Until the end of the transaction. @param keys as deliveries have them */
    static void lock(Connection connection, Collection<String> keys) throws SQLException {
        List<Long> locks = keys.stream()
                .filter(Objects::nonNull)
                .map(key -> Hashes.lock("fifo", key))
                .distinct()
                .sorted()
                .toList();
        if (locks.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = Columns.prepared(connection, LOCK, Columns.longs(locks, lock -> lock));
                ResultSet rows = statement.executeQuery()) {
            rows.next();
        }
    }

    /**
     * Gives places to new deliveries whose keys are locked, in their order.
     *
     * @param rows of each its account, and a delivery that has a FIFO key and is to be sent
     * @return by the delivery's id
     */
    static Map<String, Given> join(Connection connection, List<Joining> rows) throws SQLException {
        if (rows.isEmpty()) {
            return Map.of();
        }
        Set<Integer> busy = busy(connection, rows);
        List<Long> places = places(connection, rows.size());
        Map<String, Given> given = new HashMap<>();
        Set<List<Object>> joined = new HashSet<>();
        for (int i = 0; i < rows.size(); i++) {
            NewDelivery delivery = rows.get(i).delivery();
            boolean isFirst = joined.add(List.of(delivery.webhook(), delivery.fifoKey())) && !busy.contains(i);
            given.put(delivery.id(), new Given(places.get(i), !isFirst));
        }
        return given;
    }

    /** A delivery that is about to be stored. */
    record Joining(int account, NewDelivery delivery) {}

    /** A place in the order. @param behind whether it must not go yet */
    record Given(long place, boolean behind) {}

    private static Set<Integer> busy(Connection connection, List<Joining> rows) throws SQLException {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            numbers.add(i);
        }
        Set<Integer> busy = new HashSet<>();
        try (PreparedStatement statement = Columns.prepared(
                        connection,
                        BUSY,
                        Columns.ints(numbers, number -> number),
                        Columns.ints(rows, Joining::account),
                        Columns.texts(rows, row -> row.delivery().webhook().name()),
                        Columns.texts(rows, row -> row.delivery().fifoKey()));
                ResultSet found = statement.executeQuery()) {
            while (found.next()) {
                busy.add(found.getInt(1));
            }
        }
        return busy;
    }

    /** Later ones are higher, since the keys are locked. */
    private static List<Long> places(Connection connection, int many) throws SQLException {
        List<Long> places = new ArrayList<>(many);
        try (PreparedStatement statement = Columns.prepared(connection, PLACES, many);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                places.add(rows.getLong(1));
            }
        }
        places.sort(null);
        return places;
    }

    /** A place behind those of a key, which is locked by this. */
    static Given joinAgain(Connection connection, int webhook, String key) throws SQLException {
        lock(connection, List.of(key));
        boolean behind = next(connection, new Key(webhook, key), 0) != null;
        return new Given(places(connection, 1).get(0), behind);
    }

    /**
     * Tries were recorded, whose keys are locked.
     *
     * @return for those of which the next of their key may go: when
     */
    static Map<String, Instant> tried(Connection connection, List<TryResult> results, Instant now) throws SQLException {
        Map<String, Instant> next = new HashMap<>();
        List<TryResult> inOrder =
                results.stream().filter(result -> result.fifo() != null).toList();
        if (inOrder.isEmpty()) {
            return next;
        }
        Map<String, Place> places =
                find(connection, inOrder.stream().map(TryResult::delivery).toList());
        leave(
                connection,
                inOrder.stream()
                        .filter(result -> result.state().ended())
                        .map(TryResult::delivery)
                        .toList());
        for (TryResult result : inOrder) {
            Place place = places.get(result.delivery());
            if (place != null) {
                Instant at = tried(connection, result, place, now);
                if (at != null) {
                    next.put(result.delivery(), at);
                }
            }
        }
        return next;
    }

    private static Instant tried(Connection connection, TryResult result, Place place, Instant now)
            throws SQLException {
        if (result.attempt() != null) {
            Columns.update(
                    connection, OVERTAKE, place.key().webhook(), place.key().key(), place.place());
        }
        if (result.state().ended()) {
            return letFirst(connection, place.key(), now);
        }
        return result.attempt() == null
                ? dueAt(next(connection, place.key(), place.place()))
                : failed(connection, result, place, now);
    }

    /** The next may go when this has failed for long enough, unless it is tried again before that. */
    private static Instant failed(Connection connection, TryResult result, Place place, Instant now)
            throws SQLException {
        long since = place.since() == null ? now.toEpochMilli() : place.since();
        Columns.update(connection, FAILED, since, result.delivery());
        Next next = next(connection, place.key(), place.place());
        if (next == null || !next.untried()) {
            return dueAt(next);
        }
        long until = result.fifo().skipAfter() == null
                ? NOT_YET
                : since + result.fifo().skipAfter().toMillis();
        boolean isOvertaken = until < result.dueAt().toEpochMilli();
        return let(connection, next, isOvertaken ? Math.max(until, now.toEpochMilli()) : NOT_YET, now);
    }

    /**
     * Deliveries are about to end by other means than a try; their keys are locked by this.
     *
     * @return whose turn may come by that, for {@link #letFirst}
     */
    static Set<Key> leaving(Connection connection, List<String> deliveries) throws SQLException {
        Map<String, Place> places = find(connection, deliveries);
        if (places.isEmpty()) {
            return Set.of();
        }
        lock(
                connection,
                places.values().stream().map(place -> place.key().key()).toList());
        leave(connection, List.copyOf(places.keySet()));
        Set<Key> keys = new HashSet<>();
        places.values().forEach(place -> keys.add(place.key()));
        return keys;
    }

    /** The first of each key may go now, unless it is being tried again and again. */
    static void letFirst(Connection connection, Set<Key> keys, Instant now) throws SQLException {
        for (Key key : keys) {
            letFirst(connection, key, now);
        }
    }

    private static Instant letFirst(Connection connection, Key key, Instant now) throws SQLException {
        Next first = next(connection, key, 0);
        return first == null || !first.untried() || first.dueAt() <= now.toEpochMilli()
                ? dueAt(first)
                : let(connection, first, now.toEpochMilli(), now);
    }

    private static Instant let(Connection connection, Next next, long at, Instant now) throws SQLException {
        if (next.dueAt() != at) {
            // its age begins with its turn
            Columns.update(connection, LET, at, at == NOT_YET ? now.toEpochMilli() : at, now, next.delivery());
        }
        return at == NOT_YET ? null : Instant.ofEpochMilli(at);
    }

    private static Instant dueAt(Next next) {
        return next == null || next.dueAt() >= NOT_YET ? null : Instant.ofEpochMilli(next.dueAt());
    }

    private static Map<String, Place> find(Connection connection, List<String> deliveries) throws SQLException {
        Map<String, Place> places = new HashMap<>();
        try (PreparedStatement statement =
                        Columns.prepared(connection, FIND, Columns.texts(deliveries, delivery -> delivery));
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                Place place = Place.of(rows);
                places.put(place.delivery(), place);
            }
        }
        return places;
    }

    private static void leave(Connection connection, List<String> deliveries) throws SQLException {
        if (!deliveries.isEmpty()) {
            Columns.update(connection, LEAVE, Columns.texts(deliveries, delivery -> delivery));
        }
    }

    private static Next next(Connection connection, Key key, long after) throws SQLException {
        try (PreparedStatement statement = Columns.prepared(connection, NEXT, key.webhook(), key.key(), after);
                ResultSet rows = statement.executeQuery()) {
            return rows.next() ? new Next(rows.getString(1), rows.getLong(2), rows.getBoolean(3)) : null;
        }
    }
}
