package io.engagementwebhooks.store.erase;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventIdentity;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.store.jdbc.Dialect;
import io.engagementwebhooks.store.jdbc.ShortJson;
import io.engagementwebhooks.store.jdbc.Statements;
import io.engagementwebhooks.store.jdbc.Values;
import io.engagementwebhooks.store.outcome.RecordStore;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/** Removes from rows what is made of the data of events. Used by a writer thread. */
final class EraseRows {

    /** Replaces texts that may be made of the data. */
    static final String ERASED = "erased";

    private static final String SUPERSEDED = "superseded by an erased event";

    private final Dialect dialect;
    private final KeyedDigest digest;
    private final String find;
    private final String erase;
    private final String counts;
    private final String removeWrites;
    private final String removeSlots;
    private final String removeArrivals;
    private final String supersede;
    private final String reasons;
    private final String eraseStates;
    private final String eraseSystemEvents;
    private final String eraseAttempts;
    private final String eraseDeliveries;

    /** @param daysOf see {@link io.engagementwebhooks.store.jdbc.Retention.OldAttempts#ofDelivery} */
    EraseRows(Dialect dialect, KeyedDigest digest, String daysOf) {
        this.dialect = dialect;
        this.digest = digest;
        String attempts = dialect.in("d.key") + " AND " + dialect.attemptOf("attempt", "d.key") + daysOf;
        find = "SELECT key, source, id, subject, coalesce(time, accepted_at), document FROM event WHERE "
                + dialect.in("key") + " AND length(data_sha256) > 0 ORDER BY key" + dialect.locking("FOR UPDATE");
        erase = "UPDATE event SET subject = NULL, trace = NULL, data_sha256 = ?, document = NULL WHERE "
                + dialect.in("key");
        counts = "SELECT count(*) FROM delivery WHERE " + dialect.in("event");
        removeWrites = "DELETE FROM record_write WHERE account = ? AND " + dialect.in("event_id");
        removeSlots = "DELETE FROM record_slot WHERE account = ? AND " + dialect.in("member");
        removeArrivals = "DELETE FROM field_arrival WHERE " + dialect.in("event");
        supersede = "UPDATE delivery SET reason = '" + SUPERSEDED + "' WHERE " + dialect.in("key");
        reasons = "SELECT DISTINCT attempt.reason FROM delivery d JOIN attempt ON TRUE WHERE " + attempts
                + " AND attempt.reason <> ''";
        String reason = "reason = replace(reason, ?, '" + ERASED + "')";
        eraseStates = "UPDATE webhook SET trouble = replace(trouble, ?, '" + ERASED + "'), " + reason + " WHERE "
                + dialect.in("key");
        eraseSystemEvents = "UPDATE system_event SET " + reason + " WHERE " + dialect.in("webhook");
        eraseAttempts = "UPDATE attempt SET reason = CASE WHEN attempt.reason = '' THEN '' ELSE '" + ERASED
                + "' END, note = NULL, headers = NULL, body = NULL, request = NULL, request_body = NULL"
                + " FROM delivery d WHERE " + attempts;
        eraseDeliveries = "UPDATE delivery SET fifo_key = NULL, reason = CASE WHEN reason IS NOT NULL THEN '" + ERASED
                + "' END WHERE " + dialect.in("key");
    }

    /** An event to erase. @param member see {@link RecordStore#member} */
    private record Row(long key, EventIdentity identity, String member, long at) {

        static Row of(String account, ResultSet row) throws SQLException {
            byte[] document = ShortJson.restore(row.getBytes(6));
            return new Row(
                    row.getLong(1),
                    new EventIdentity(account, row.getString(2), row.getString(3)),
                    RecordStore.member(
                            row.getString(2),
                            row.getString(3),
                            row.getString(4),
                            document == null ? null : EventJson.parse(document)),
                    row.getLong(5));
        }
    }

    /** What was erased. @param firstAt of the earliest event, or null */
    record Erased(int events, long deliveries, Long firstAt, Long lastAt) {}

    /**
     * Erases events: each keeps its type, times and the digest of its identity.
     *
     * @param account its id
     * @param superseded deliveries whose reason names one of them
     * @return what was not erased before
     */
    Erased events(Statements statements, String account, int key, List<Long> events, List<Long> superseded)
            throws SQLException {
        List<Row> rows = statements.query(find, row -> Row.of(account, row), Values.longs(events));
        if (rows.isEmpty()) {
            return new Erased(0, 0, null, null);
        }
        statements.update(
                removeWrites,
                key,
                Values.texts(rows.stream().map(row -> row.identity().id()).toList()));
        statements.update(
                removeSlots, key, Values.texts(rows.stream().map(Row::member).toList()));
        if (!superseded.isEmpty()) {
            statements.update(supersede, Values.longs(superseded));
        }
        Values.Many keys = Values.longs(rows.stream().map(Row::key).toList());
        statements.update(removeArrivals, keys);
        statements.update(erase, new byte[0], keys);
        // after the data: a row that grows is moved to another page
        for (Row row : rows) {
            dialect.hot().replaceIdentity(statements, row.key(), digest.erased(row.identity()));
        }
        return new Erased(
                rows.size(),
                statements.first(counts, row -> row.getLong(1), keys).orElseThrow(),
                rows.stream().mapToLong(Row::at).min().getAsLong(),
                rows.stream().mapToLong(Row::at).max().getAsLong());
    }

    /** Erases what deliveries, which have ended, were made of. @param webhooks the keys of their webhooks */
    void deliveries(Statements statements, List<Long> deliveries, List<Integer> webhooks) throws SQLException {
        Values.Many keys = Values.longs(deliveries);
        for (String reason : statements.query(reasons, row -> row.getString(1), keys)) {
            statements.update(eraseStates, reason, reason, Values.ints(webhooks));
            statements.update(eraseSystemEvents, reason, Values.ints(webhooks));
        }
        statements.update(eraseAttempts, keys);
        statements.update(eraseDeliveries, keys);
    }

    /** The reasons of deliveries that name an event. */
    static List<String> superseding(List<String> events) {
        return events.stream().map(id -> Event.SUPERSEDED_BY + id).toList();
    }
}
