package io.engagementwebhooks.store.postgres;

import io.engagementwebhooks.store.EventSql.AgedEvent;
import io.engagementwebhooks.store.Notice;
import io.engagementwebhooks.store.RetentionLimits;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Removes what has outlived its use, in small steps, each of which goes on where the one before stopped. What waits too
 * long is given up by the owner of its webhook; the rest is for one instance, the owner of the first partition. What a step
 * looked at may have changed when it is written: the statements ask again.
 */
final class Retention {

    /** Waiting deliveries are looked through in larger steps: nearly none of them is too old. */
    private static final int WAITING_PER_ROW = 50;

    private static final String NO_DELIVERY_WAITS = " AND NOT EXISTS (SELECT 1 FROM fan_out f WHERE f.event = e.key)"
            + " AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.event = e.key AND d.state = 'waiting')"
            + " AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.later = e.key AND d.state = 'waiting')";

    private final Reads reads;
    private final AttemptDays days;
    private final IntPredicate owns;
    private final Map<Integer, Expiring> expiring = new HashMap<>();
    private Reads.WaitingDelivery waitingAfter = Reads.WaitingDelivery.NONE;
    private AgedEvent payloadsAfter = AgedEvent.NONE;
    private AgedEvent identitiesAfter = AgedEvent.NONE;

    /** What of a webhook will be given up soon: how many, and since when the first of them waits. */
    private record Expiring(long deliveries, long since) {

        static Expiring both(Expiring one, Expiring other) {
            return new Expiring(one.deliveries + other.deliveries, Math.min(one.since, other.since));
        }
    }

    /** @param owns which partitions this instance owns */
    Retention(Reads reads, AttemptDays days, IntPredicate owns) {
        this.reads = reads;
        this.days = days;
        this.owns = owns;
    }

    /** What one step will do. */
    record Plan(List<String> waiting, List<Long> payloads, List<Long> events, List<NewNotice> notices, boolean more) {}

    /** Something to be told of a webhook. */
    record NewNotice(int webhook, long since, String reason, long deliveries) {}

    /** What a step removed. */
    record Done(int payloads, int attempts, int events, int gaveUp) {}

    synchronized Plan plan(RetentionLimits limits) {
        int rows = limits.rows();
        List<Reads.WaitingDelivery> seen =
                reads.waitingAfter(waitingAfter, limits.expiringBefore().toEpochMilli(), rows * WAITING_PER_ROW);
        if (waitingAfter.equals(Reads.WaitingDelivery.NONE)) {
            expiring.clear();
        }
        List<Reads.WaitingDelivery> waiting =
                seen.stream().filter(each -> owns.test(each.partition())).toList();
        count(waiting, limits);
        waitingAfter = last(seen, rows * WAITING_PER_ROW, Reads.WaitingDelivery.NONE);
        List<String> tooOld = waiting.stream()
                .filter(each -> each.startedAt() < limits.waitingBefore().toEpochMilli())
                .map(Reads.WaitingDelivery::id)
                .toList();
        boolean atEnd = waitingAfter.equals(Reads.WaitingDelivery.NONE);
        List<NewNotice> notices = atEnd ? notices(limits) : List.of();
        if (!owns.test(0)) {
            return new Plan(tooOld, List.of(), List.of(), notices, !atEnd);
        }
        long payloadsBefore = limits.payloadsBefore().toEpochMilli();
        long identitiesBefore = limits.identitiesBefore().toEpochMilli();
        List<AgedEvent> withPayload = reads.aged(true, payloadsAfter, payloadsBefore, rows);
        List<AgedEvent> without = reads.aged(false, identitiesAfter, identitiesBefore, rows);
        payloadsAfter = last(withPayload, rows, AgedEvent.NONE);
        identitiesAfter = last(without, rows, AgedEvent.NONE);
        return new Plan(
                tooOld,
                withPayload.stream()
                        .filter(e -> e.endedAt() < payloadsBefore && !e.neededLater())
                        .map(AgedEvent::key)
                        .toList(),
                without.stream()
                        .filter(e -> e.endedAt() < identitiesBefore && !e.referred())
                        .map(AgedEvent::key)
                        .toList(),
                notices,
                !atEnd || withPayload.size() == rows || without.size() == rows);
    }

    /** Where the next step begins: after the last one seen, or anew when all were seen. */
    private static <T> T last(List<T> seen, int limit, T none) {
        return seen.size() < limit ? none : seen.get(seen.size() - 1);
    }

    private void count(List<Reads.WaitingDelivery> waiting, RetentionLimits limits) {
        long from = limits.waitingBefore().toEpochMilli();
        long before = limits.expiringBefore().toEpochMilli();
        for (Reads.WaitingDelivery each : waiting) {
            if (each.startedAt() >= from && each.startedAt() < before && !each.ours()) {
                expiring.merge(each.webhook(), new Expiring(1, each.startedAt()), Expiring::both);
            }
        }
    }

    private List<NewNotice> notices(RetentionLimits limits) {
        Duration longest = Duration.between(limits.waitingBefore(), limits.now());
        return expiring.entrySet().stream()
                .map(entry -> new NewNotice(
                        entry.getKey(),
                        entry.getValue().since(),
                        "deliveries have waited nearly as long as webhooks.retention.waiting allows and will be given up"
                                + " soon, the first at "
                                + Instant.ofEpochMilli(entry.getValue().since()).plus(longest),
                        entry.getValue().deliveries()))
                .toList();
    }

    /** In a transaction of its own. */
    Done carryOut(Connection connection, Plan plan, List<String> givingUp, long now) throws SQLException {
        Set<Fifos.Key> left = Fifos.leaving(connection, givingUp);
        int gaveUp = Columns.update(
                connection,
                "UPDATE delivery SET state = 'gave-up', outcome = 'gave-up',"
                        + " reason = 'waited longer than the retention allows', due_at = NULL, ended_at = ?"
                        + " WHERE id = ANY (?) AND ended_at IS NULL",
                now,
                Columns.texts(givingUp, id -> id));
        Fifos.letFirst(connection, left, Instant.ofEpochMilli(now));
        int payloads = 0;
        int events = 0;
        if (!plan.payloads().isEmpty()) {
            Columns.Many keys = locked(connection, plan.payloads());
            payloads = Columns.update(
                    connection, "UPDATE event e SET document = NULL WHERE e.key = ANY (?)" + NO_DELIVERY_WAITS, keys);
            // an attempt is of no day before its delivery was accepted, so that only some days are looked at
            Columns.update(
                    connection,
                    "UPDATE attempt a SET request_body = NULL FROM delivery d, event e WHERE d.event = ANY (?)"
                            + " AND e.key = d.event AND e.document IS NULL AND a.delivery = d.id"
                            + " AND a.day >= (d.accepted_at / 86400000)::int AND a.request_body IS NOT NULL",
                    keys);
            Columns.update(
                    connection,
                    "DELETE FROM brought b USING event e WHERE b.event = ANY (?) AND e.key = b.event"
                            + " AND e.document IS NULL",
                    keys);
        }
        if (!plan.events().isEmpty()) {
            Columns.Many keys = Columns.longs(plan.events(), key -> key);
            Columns.update(connection, "DELETE FROM delivery WHERE event = ANY (?)", keys);
            Columns.update(connection, "DELETE FROM brought WHERE event = ANY (?)", keys);
            events = Columns.update(connection, "DELETE FROM event WHERE key = ANY (?)", keys);
        }
        for (NewNotice notice : plan.notices()) {
            Columns.update(
                    connection,
                    "INSERT INTO notice (webhook, type, at, since, reason, deliveries) SELECT ?, ?, ?, ?, ?, ?"
                            + " WHERE NOT EXISTS (SELECT 1 FROM notice WHERE webhook = ? AND type = ?)",
                    notice.webhook(),
                    Notice.Type.EXPIRING.text(),
                    now,
                    notice.since(),
                    notice.reason(),
                    notice.deliveries(),
                    notice.webhook(),
                    Notice.Type.EXPIRING.text());
        }
        return new Done(payloads, 0, events, gaveUp);
    }

    /**
     * Those that nobody is about to need again: the statements after this one see what whoever locked the others before has
     * committed, and the others are for another step.
     */
    private static Columns.Many locked(Connection connection, List<Long> events) throws SQLException {
        List<Long> locked = new ArrayList<>();
        try (PreparedStatement statement = Columns.prepared(
                        connection,
                        "SELECT key FROM event WHERE key = ANY (?) FOR UPDATE SKIP LOCKED",
                        Columns.longs(events, key -> key));
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                locked.add(rows.getLong(1));
            }
        }
        return Columns.longs(locked, key -> key);
    }

    /** Drops the oldest day of attempts if it is old enough, in the connection's transaction. @return how many are gone */
    int dropDay(Connection connection, RetentionLimits limits) throws SQLException {
        long endedBefore = limits.attemptsBefore().toEpochMilli();
        if (!owns.test(0)) {
            return 0;
        }
        List<Integer> all = AttemptDays.days(connection);
        if (all.isEmpty() || all.get(0) >= AttemptDays.day(endedBefore)) {
            return 0;
        }
        int today = AttemptDays.day(limits.now().toEpochMilli());
        days.make(today);
        return days.drop(connection, all.get(0), endedBefore, today);
    }

    /** Forgets what third parties' records were not used for since a time. */
    void forgetRecords(Connection connection, long before, int rows) throws SQLException {
        if (owns.test(0)) {
            forget(connection, "written_record", "written_at", "account, record", before, rows);
            forget(connection, "place", "used_at", "account, record, member", before, rows);
        }
    }

    private static void forget(Connection connection, String table, String age, String key, long before, int rows)
            throws SQLException {
        Columns.update(
                connection,
                "DELETE FROM " + table + " WHERE (" + key + ") IN (SELECT " + key + " FROM " + table + " WHERE " + age
                        + " < ? LIMIT ?)",
                before,
                rows);
    }
}
