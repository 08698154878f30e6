package io.engagementwebhooks.store.postgres;

import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.store.FifoTurn;
import io.engagementwebhooks.store.RecordKey;
import io.engagementwebhooks.store.RenameSql;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** What is written now and then. Used by one writer's thread, but for {@link #rename}. */
final class Changes {

    /** What is behind others of its FIFO key stays there, whoever wants it sent. */
    private static final long NOT_YET = FifoTurn.NOT_YET.toEpochMilli();

    private static final String FIND_REPLAYED =
            "SELECT d.state, w.name, e.document IS NOT NULL AND (d.later IS NULL OR l.document IS NOT NULL), w.key,"
                    + " d.fifo_key FROM delivery d JOIN webhook w ON w.key = d.webhook JOIN event e ON e.key = d.event"
                    + " LEFT JOIN event l ON l.key = d.later WHERE d.id = ? AND d.account = ? FOR UPDATE OF d";
    private static final String KEEP_EVENTS = "SELECT e.key FROM event e JOIN delivery d ON e.key IN (d.event, d.later)"
            + " WHERE d.id = ? AND d.account = ? ORDER BY e.key FOR SHARE OF e";
    private static final String PAUSED = "(SELECT w.paused_total + CASE WHEN w.state = 'active' THEN 0"
            + " ELSE greatest(0, ? - w.since) END FROM webhook w WHERE w.key = delivery.webhook)";
    private static final String AGAIN =
            "UPDATE delivery SET state = 'waiting', reason = NULL, base = attempts, started_at = ?, paused_before = "
                    + PAUSED + ", due_at = CASE WHEN due_at = " + NOT_YET + " THEN due_at ELSE ? END, ended_at = NULL,"
                    + " wait_field = NULL, unsent_since = NULL, fifo_place = coalesce(?::bigint, fifo_place), fifo_since = NULL"
                    + " WHERE id = ?";
    private static final String AS_NEW =
            "INSERT INTO delivery (id, account, webhook, event, state, accepted_at, started_at, paused_before, due_at,"
                    + " later, replay_of, fifo_key, fifo_place) SELECT ?, account, webhook, event, 'waiting', ?, ?, "
                    + PAUSED + ", ?, later, id, fifo_key, ?::bigint FROM delivery WHERE id = ?";
    private static final String MAKE_DUE =
            "UPDATE delivery SET due_at = ? WHERE id = ANY (?) AND ended_at IS NULL AND due_at > ? AND due_at < "
                    + NOT_YET;
    private static final String SETTING = "INSERT INTO setting (name, value) VALUES (?, ?)"
            + " ON CONFLICT (name) DO UPDATE SET value = excluded.value";

    private final Names names;
    private final WaitingSum.Row waiting;

    Changes(Names names, WaitingSum.Row waiting) {
        this.names = names;
        this.waiting = waiting;
    }

    /** @return the webhook, where something is due now */
    Replay replay(Connection connection, String account, String id, String newId, Instant now) throws SQLException {
        return sendAgain(connection, account, id, newId, now, true);
    }

    /** One of many, that has ended: a receiver's wish to wait holds. @return nothing done where it waits anyway */
    Replay replayEnded(Connection connection, String account, String id, String newId, Instant now)
            throws SQLException {
        return sendAgain(connection, account, id, newId, now, false);
    }

    private Replay sendAgain(
            Connection connection, String account, String id, String newId, Instant now, boolean againstHold)
            throws SQLException {
        keepEvents(connection, account, id);
        String sql = FIND_REPLAYED + (againstHold ? ", w" : "");
        try (PreparedStatement statement = Columns.prepared(connection, sql, id, names.account(account));
                ResultSet rows = statement.executeQuery()) {
            if (!rows.next()) {
                return new Replay(Store.Replayed.NOT_FOUND, null);
            }
            if (!rows.getBoolean(3)) {
                return new Replay(Store.Replayed.PAYLOAD_EXPIRED, null);
            }
            boolean waits = rows.getString(1).equals(DeliveryState.WAITING.text());
            if (waits && !againstHold) {
                return new Replay(null, null);
            }
            waiting.add(waits && newId == null ? 0 : 1);
            boolean keepsPlace = newId == null && waits || rows.getString(5) == null;
            Fifos.Given given = keepsPlace ? null : Fifos.joinAgain(connection, rows.getInt(4), rows.getString(5));
            Instant dueAt = given != null && given.behind() ? FifoTurn.NOT_YET : now;
            Long place = given == null ? null : (Long) given.place();
            if (newId == null) {
                Columns.update(connection, AGAIN, now, now, dueAt, place, id);
            } else {
                Columns.update(connection, AS_NEW, newId, now, now, now, dueAt, place, id);
            }
            if (againstHold) {
                // a person who says "now" overrides a receiver's wish to wait
                Columns.update(connection, "UPDATE webhook SET hold_until = NULL WHERE key = ?", rows.getInt(4));
            }
            return new Replay(Store.Replayed.DUE, new WebhookId(account, rows.getString(2)));
        }
    }

    /** What it will need is not taken from under it: retention passes over events that are locked. */
    private void keepEvents(Connection connection, String account, String id) throws SQLException {
        try (PreparedStatement statement = Columns.prepared(connection, KEEP_EVENTS, id, names.account(account));
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                // locked by being read
            }
        }
    }

    /** How a replay ended, or null: it was left alone; and of which webhook. */
    record Replay(Store.Replayed replayed, WebhookId webhook) {}

    /** A person who says "now" overrides a receiver's wish to wait. */
    void endHold(Connection connection, WebhookId webhook) throws SQLException {
        Columns.update(
                connection,
                "UPDATE webhook SET hold_until = NULL WHERE account = ? AND name = ?",
                names.account(webhook.account()),
                webhook.name());
    }

    static int makeDue(Connection connection, List<String> deliveries, Instant at) throws SQLException {
        return Columns.update(connection, MAKE_DUE, at, Columns.texts(deliveries, id -> id), at);
    }

    static void setting(Connection connection, String name, byte[] value) throws SQLException {
        Columns.update(connection, SETTING, name, value);
    }

    static void settings(Connection connection, Map<String, Optional<byte[]>> changes) throws SQLException {
        for (Map.Entry<String, Optional<byte[]>> change : changes.entrySet()) {
            if (change.getValue().isPresent()) {
                setting(connection, change.getKey(), change.getValue().get());
            } else {
                Columns.update(connection, "DELETE FROM setting WHERE name = ?", change.getKey());
            }
        }
    }

    OptionalInt place(Connection connection, RecordKey record, String member, int most, long now) throws SQLException {
        int account = names.account(record.account());
        // two instances must not give the same place
        Intakes.lock(connection, "place", record.account(), record.hash());
        try (PreparedStatement statement = Columns.prepared(
                        connection,
                        "UPDATE place SET used_at = ? WHERE account = ? AND record = ? AND member = ? RETURNING number",
                        now,
                        account,
                        record.hash(),
                        member);
                ResultSet known = statement.executeQuery()) {
            if (known.next()) {
                return OptionalInt.of(known.getInt(1));
            }
        }
        int free = firstFree(connection, account, record);
        if (free > most) {
            return OptionalInt.empty();
        }
        Columns.update(
                connection,
                "INSERT INTO place (used_at, account, record, member, number) VALUES (?, ?, ?, ?, ?)",
                now,
                account,
                record.hash(),
                member,
                free);
        return OptionalInt.of(free);
    }

    private static int firstFree(Connection connection, int account, RecordKey record) throws SQLException {
        BitSet numbers = new BitSet();
        try (PreparedStatement statement = Columns.prepared(
                        connection,
                        "SELECT number FROM place WHERE account = ? AND record = ?",
                        account,
                        record.hash());
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                numbers.set(rows.getInt(1));
            }
        }
        return numbers.nextClearBit(1);
    }

    /** In a transaction of its own. */
    void rename(Connection connection, WebhookId from, String newName) throws SQLException {
        int account = names.account(from.account());
        int renamed = Columns.update(
                connection,
                "UPDATE webhook SET name = ?, partition = ? WHERE account = ? AND name = ?"
                        + " AND NOT EXISTS (SELECT 1 FROM webhook WHERE account = ? AND name = ?)",
                newName,
                Leases.partition(new WebhookId(from.account(), newName)),
                account,
                from.name(),
                account,
                newName);
        if (renamed == 0) {
            moveDeliveries(connection, account, from.name(), newName);
        }
    }

    /** What was accepted under the old name while it was being changed follows at the next occasion, and its state. */
    private static void moveDeliveries(Connection connection, int account, String from, String to) throws SQLException {
        try (PreparedStatement find = Columns.prepared(
                        connection,
                        "SELECT f.key, t.key FROM webhook f JOIN webhook t ON t.account = f.account AND t.name = ?"
                                + " WHERE f.account = ? AND f.name = ?",
                        to,
                        account,
                        from);
                ResultSet rows = find.executeQuery()) {
            if (rows.next()) {
                int old = rows.getInt(1);
                int present = rows.getInt(2);
                // deliveries first, as whoever records how tries ended
                Columns.update(connection, "UPDATE delivery SET webhook = ? WHERE webhook = ?", present, old);
                RenameSql.takeOver(connection, old, present);
            }
        }
    }
}
