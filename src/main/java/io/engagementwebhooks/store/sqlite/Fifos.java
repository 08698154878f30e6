package io.engagementwebhooks.store.sqlite;

import io.engagementwebhooks.store.FifoTurn;
import io.engagementwebhooks.store.TryResult;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Keeps deliveries of one key of a webhook in order: the first may go, the others are due at {@link FifoTurn#NOT_YET}.
 * Used by the writer thread alone.
 */
final class Fifos {

    private static final long NOT_YET = FifoTurn.NOT_YET.toEpochMilli();
    private static final String BUSY =
            "SELECT EXISTS (SELECT 1 FROM delivery WHERE webhook = ? AND fifo_key = ? AND fifo_place > 0)";
    private static final String FIND =
            "SELECT webhook, fifo_key, fifo_place, fifo_since FROM delivery WHERE id = ? AND fifo_place IS NOT NULL";
    private static final String LEAVE = "UPDATE delivery SET fifo_place = NULL WHERE id = ?";
    private static final String OVERTAKE =
            "UPDATE delivery SET fifo_place = NULL WHERE webhook = ? AND fifo_key = ? AND fifo_place < ?";
    private static final String FAILED = "UPDATE delivery SET fifo_since = ? WHERE id = ?";

    /** Of what has not been tried: when others are tried again is their own schedule's matter. */
    private static final String NEXT = "SELECT id, due_at, fifo_since IS NULL AND unsent_since IS NULL FROM delivery"
            + " WHERE webhook = ? AND fifo_key = ? AND fifo_place > ? ORDER BY fifo_place LIMIT 1";

    private static final String LET = "UPDATE delivery SET due_at = ?, started_at = ?, paused_before = ? WHERE id = ?";

    private final Prepared prepared;
    private final Pauses pauses;

    /** The highest place given: among those that wait, for others have none. */
    private long lastPlace;

    /** How long webhooks have been paused. */
    interface Pauses {
        /** @param webhook its number */
        long total(int webhook, Instant at) throws SQLException;
    }

    /** What must go one after the other. */
    record Key(int webhook, String key) {}

    private record Place(Key key, long place, Long since) {}

    private record Next(String delivery, long dueAt, boolean untried) {}

    Fifos(Connection connection, Prepared prepared, Pauses pauses) throws SQLException {
        this.prepared = prepared;
        this.pauses = pauses;
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT max(fifo_place) FROM delivery INDEXED BY delivery_fifo WHERE fifo_place IS NOT NULL")) {
            lastPlace = rows.next() ? rows.getLong(1) : 0;
        }
    }

    /** A place behind all others. */
    long join() {
        return ++lastPlace;
    }

    /** Whether somebody of a key waits already. */
    boolean isBusy(int webhook, String key) throws SQLException {
        PreparedStatement busy = prepared.of(BUSY);
        busy.setInt(1, webhook);
        busy.setString(2, key);
        try (ResultSet rows = busy.executeQuery()) {
            rows.next();
            return rows.getBoolean(1);
        }
    }

    /** A try was recorded. @return when the next of its key may go, or null: there is none, or not yet */
    Instant tried(TryResult result, Instant now) throws SQLException {
        Place place = find(result.delivery());
        if (place == null) {
            return null;
        }
        if (result.attempt() != null) {
            PreparedStatement overtake = prepared.of(OVERTAKE);
            of(overtake, place.key(), place.place());
            overtake.executeUpdate();
        }
        if (result.state().ended()) {
            leave(result.delivery());
            return letFirst(place.key(), now);
        }
        return result.attempt() == null ? dueAt(next(place)) : failed(result, place, now);
    }

    /** The next may go when this has failed for long enough, unless it is tried again before that. */
    private Instant failed(TryResult result, Place place, Instant now) throws SQLException {
        long since = place.since() == null ? now.toEpochMilli() : place.since();
        PreparedStatement failed = prepared.of(FAILED);
        failed.setLong(1, since);
        failed.setString(2, result.delivery());
        failed.executeUpdate();
        Next next = next(place);
        if (next == null || !next.untried()) {
            return dueAt(next);
        }
        long until = result.fifo().skipAfter() == null
                ? NOT_YET
                : since + result.fifo().skipAfter().toMillis();
        boolean isOvertaken = until < result.dueAt().toEpochMilli();
        return let(place.key(), next, isOvertaken ? Math.max(until, now.toEpochMilli()) : NOT_YET, now);
    }

    /** Deliveries are about to end by other means than a try. @return whose turn may come by that, for {@link #letFirst} */
    Set<Key> leaving(List<String> deliveries) throws SQLException {
        Set<Key> keys = new HashSet<>();
        for (String delivery : deliveries) {
            Place place = find(delivery);
            if (place != null) {
                keys.add(place.key());
                leave(delivery);
            }
        }
        return keys;
    }

    /** The first of each key may go now, unless it is being tried again and again. */
    void letFirst(Set<Key> keys, Instant now) throws SQLException {
        for (Key key : new ArrayList<>(keys)) {
            letFirst(key, now);
        }
    }

    private Instant letFirst(Key key, Instant now) throws SQLException {
        Next first = next(new Place(key, 0, null));
        return first == null || !first.untried() || first.dueAt() <= now.toEpochMilli()
                ? dueAt(first)
                : let(key, first, now.toEpochMilli(), now);
    }

    private Instant let(Key key, Next next, long at, Instant now) throws SQLException {
        if (next.dueAt() != at) {
            PreparedStatement let = prepared.of(LET);
            let.setLong(1, at);
            // its age begins with its turn
            let.setLong(2, at == NOT_YET ? now.toEpochMilli() : at);
            let.setLong(3, pauses.total(key.webhook(), now));
            let.setString(4, next.delivery());
            let.executeUpdate();
        }
        return at == NOT_YET ? null : Instant.ofEpochMilli(at);
    }

    private static Instant dueAt(Next next) {
        return next == null || next.dueAt() >= NOT_YET ? null : Instant.ofEpochMilli(next.dueAt());
    }

    private Place find(String delivery) throws SQLException {
        PreparedStatement find = prepared.of(FIND);
        find.setString(1, delivery);
        try (ResultSet rows = find.executeQuery()) {
            if (!rows.next()) {
                return null;
            }
            Key key = new Key(rows.getInt(1), rows.getString(2));
            long place = rows.getLong(3);
            long since = rows.getLong(4);
            return new Place(key, place, rows.wasNull() ? null : since);
        }
    }

    private void leave(String delivery) throws SQLException {
        PreparedStatement leave = prepared.of(LEAVE);
        leave.setString(1, delivery);
        leave.executeUpdate();
    }

    private Next next(Place after) throws SQLException {
        PreparedStatement next = prepared.of(NEXT);
        of(next, after.key(), after.place());
        try (ResultSet rows = next.executeQuery()) {
            return rows.next() ? new Next(rows.getString(1), rows.getLong(2), rows.getBoolean(3)) : null;
        }
    }

    private static void of(PreparedStatement statement, Key key, long place) throws SQLException {
        statement.setInt(1, key.webhook());
        statement.setString(2, key.key());
        statement.setLong(3, place);
    }
}
