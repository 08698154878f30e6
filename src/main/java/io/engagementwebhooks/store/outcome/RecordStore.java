package io.engagementwebhooks.store.outcome;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.store.jdbc.Hashes;
import io.engagementwebhooks.store.jdbc.Keys;
import io.engagementwebhooks.store.jdbc.Reader;
import io.engagementwebhooks.store.jdbc.Statements;
import io.engagementwebhooks.store.jdbc.Writer;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Tracks what was written to records of third parties. Thread-safe. */
public class RecordStore {
    /** The shortest time between updates of a slot's time of use. */
    private static final Duration SLOT_USE = Duration.ofDays(1);

    private static final String SUPERSEDED =
            "SELECT w.event_id FROM delivery d JOIN event e ON e.key = d.event JOIN record_write w"
                    + " ON w.account = d.account AND w.record = ? WHERE d.account = ? AND d.id = ?"
                    + " AND w.event_at > coalesce(e.time, e.accepted_at)";

    private final Writer writer;
    private final Reader reader;
    private final Keys keys;
    private final Clock clock;

    public RecordStore(Writer writer, Reader reader, Keys keys, Clock clock) {
        this.writer = writer;
        this.reader = reader;
        this.keys = keys;
        this.clock = clock;
    }

    /**
     * The CloudEvents id of an event newer than the delivery's that was already written to a record, or empty. Of two
     * events of one moment neither is newer.
     */
    public Optional<String> supersededBy(RecordKey record, String delivery) {
        return reader.first(SUPERSEDED, row -> row.getString(1), record.hash(), keys.find(record.account()), delivery);
    }

    /**
     * Returns a member's slot in a record; assigns the smallest free one where it has none. Completes after the commit.
     *
     * @param slots the number of slots
     * @return from 1 to {@code slots}; empty: other members have all slots
     */
    public CompletionStage<OptionalInt> assignSlot(RecordKey record, String member, int slots) {
        Instant now = clock.instant();
        // without a write: nearly all are known
        Optional<Integer> known = reader.first(
                "SELECT number FROM record_slot WHERE account = ? AND record = ? AND member = ? AND used_at > ?",
                row -> row.getInt(1),
                keys.find(record.account()),
                record.hash(),
                member,
                now.minus(SLOT_USE));
        return known.isPresent()
                ? CompletableFuture.completedFuture(OptionalInt.of(known.get()))
                : writer.write(
                        record.account(),
                        1,
                        statements -> assignSlotInTransaction(statements, record, member, slots, now));
    }

    private OptionalInt assignSlotInTransaction(
            Statements statements, RecordKey record, String member, int slots, Instant now) throws SQLException {
        int account = keys.account(statements, record.account());
        // two instances must not assign the same slot
        reader.dialect().lock(statements, List.of(Hashes.lock("place", record.account(), record.hash())));
        Optional<Integer> known = statements.first(
                "UPDATE record_slot SET used_at = ? WHERE account = ? AND record = ? AND member = ? RETURNING number",
                row -> row.getInt(1),
                now,
                account,
                record.hash(),
                member);
        if (known.isPresent()) {
            return OptionalInt.of(known.get());
        }
        BitSet taken = new BitSet();
        for (int number : statements.query(
                "SELECT number FROM record_slot WHERE account = ? AND record = ?",
                row -> row.getInt(1),
                account,
                record.hash())) {
            taken.set(number);
        }
        int free = taken.nextClearBit(1);
        if (free > slots) {
            return OptionalInt.empty();
        }
        statements.update(
                "INSERT INTO record_slot (used_at, account, record, member, number) VALUES (?, ?, ?, ?, ?)",
                now,
                account,
                record.hash(),
                member,
                free);
        return OptionalInt.of(free);
    }

    /** Removes rows not used since a time, some at a time. */
    public static void removeBefore(Statements statements, Instant before, int rows) throws SQLException {
        removeBefore(statements, "record_write", "written_at", "account, record", before, rows);
        removeBefore(statements, "record_slot", "used_at", "account, record, member", before, rows);
    }

    private static void removeBefore(
            Statements statements, String table, String age, String key, Instant before, int rows) throws SQLException {
        statements.update(
                "DELETE FROM " + table + " WHERE (" + key + ") IN (SELECT " + key + " FROM " + table + " WHERE " + age
                        + " < ? LIMIT ?)",
                before,
                rows);
    }

    /**
     * The member that an event belongs to: its subject, or the call's id, or else the event (semantics 20).
     *
     * @param subject or null
     * @param event the whole event, or null: its payload has expired
     */
    public static String member(String source, String id, String subject, JsonNode event) {
        if (subject != null) {
            return "subject " + subject;
        }
        String call = event == null ? "" : event.path("data").path("cdr_id").asText("");
        return call.isEmpty() ? "event " + source + " " + id : "cdr_id " + call;
    }
}
