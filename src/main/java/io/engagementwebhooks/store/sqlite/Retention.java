package io.engagementwebhooks.store.sqlite;

import com.github.f4b6a3.ulid.Ulid;
import io.engagementwebhooks.store.EventSql.AgedEvent;
import io.engagementwebhooks.store.RetentionLimits;
import io.engagementwebhooks.store.RetentionStep;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/**
 * Removes what has outlived its use. It looks for candidates on a read connection, so that the writer is held only for
 * the few rows of a step, and goes on in the next step where it stopped. What it looked at may have changed when the
 * writer comes to it, by a replay for example: the writer asks again.
 */
final class Retention {

    /** Waiting deliveries are looked through in larger steps: nearly none of them is too old. */
    private static final int WAITING_PER_ROW = 50;

    /** Ids are not made later than this after the time they hold. */
    private static final Duration ID_TOLERANCE = Duration.ofMinutes(1);

    private static final String NO_DELIVERY_WAITS = " AND NOT EXISTS (SELECT 1 FROM fan_out WHERE event = ?1)"
            + " AND NOT EXISTS (SELECT 1 FROM delivery WHERE event = ?1 AND state = 'waiting')"
            + " AND NOT EXISTS (SELECT 1 FROM delivery WHERE later = ?1 AND state = 'waiting')";

    private final Reads reads;
    private final WaitingCount waitingCount;
    private Reads.WaitingDelivery waitingAfter = Reads.WaitingDelivery.NONE;
    private AgedEvent payloadsAfter = AgedEvent.NONE;
    private AgedEvent identitiesAfter = AgedEvent.NONE;
    private String attemptsAfter = "";
    private final Expiring expiring = new Expiring();

    Retention(Reads reads, WaitingCount waitingCount) {
        this.reads = reads;
        this.waitingCount = waitingCount;
    }

    /** What one step will do: found by reading, done by the writer. */
    record Plan(
            List<String> waiting,
            List<Long> payloads,
            List<Long> events,
            List<String> attempts,
            List<Expiring.Webhook> expiring,
            boolean more) {

        /** The same, but of what waits only these give up. */
        Plan givingUp(Collection<String> deliveries) {
            return new Plan(List.copyOf(deliveries), payloads, events, attempts, expiring, more);
        }
    }

    synchronized Plan plan(RetentionLimits limits) {
        int rows = limits.rows();
        long expiringBefore = limits.expiringBefore().toEpochMilli();
        List<Reads.WaitingDelivery> waiting = reads.waitingAfter(waitingAfter, expiringBefore, rows * WAITING_PER_ROW);
        if (waitingAfter.equals(Reads.WaitingDelivery.NONE)) {
            expiring.clear();
        }
        expiring.add(waiting, limits);
        long payloadsBefore = limits.payloadsBefore().toEpochMilli();
        List<AgedEvent> withPayload = reads.aged(true, payloadsAfter, payloadsBefore, rows);
        long identitiesBefore = limits.identitiesBefore().toEpochMilli();
        List<AgedEvent> without = reads.aged(false, identitiesAfter, identitiesBefore, rows);
        List<String> attempts = reads.withOldAttempts(
                limits.attemptsBefore().toEpochMilli(), attemptsAfter, idAfter(limits.attemptsBefore()), rows);
        waitingAfter = last(waiting, rows * WAITING_PER_ROW, Reads.WaitingDelivery.NONE);
        payloadsAfter = last(withPayload, rows, AgedEvent.NONE);
        identitiesAfter = last(without, rows, AgedEvent.NONE);
        attemptsAfter = last(attempts, rows, "");
        boolean more = waiting.size() == rows * WAITING_PER_ROW
                || withPayload.size() == rows
                || without.size() == rows
                || attempts.size() == rows;
        return new Plan(
                waiting.stream()
                        .filter(d -> d.startedAt() < limits.waitingBefore().toEpochMilli())
                        .map(Reads.WaitingDelivery::id)
                        .toList(),
                withPayload.stream()
                        .filter(e -> e.endedAt() < payloadsBefore && !e.neededLater())
                        .map(AgedEvent::key)
                        .toList(),
                without.stream()
                        .filter(e -> e.endedAt() < identitiesBefore && !e.referred())
                        .map(AgedEvent::key)
                        .toList(),
                attempts,
                waitingAfter.equals(Reads.WaitingDelivery.NONE) ? expiring.all() : List.of(),
                more);
    }

    /** Where the next step begins: after the last one seen, or anew when all were seen. */
    private static <T> T last(List<T> seen, int limit, T none) {
        return seen.size() < limit ? none : seen.get(seen.size() - 1);
    }

    private static String idAfter(Instant time) {
        long millis = Math.max(0, time.plus(ID_TOLERANCE).toEpochMilli());
        return Ulid.min(millis).toString();
    }

    RetentionStep carryOut(Connection connection, Plan plan, long now) throws SQLException {
        int gaveUp = giveUp(connection, plan.waiting(), now);
        int payloads = each(
                connection, "UPDATE event SET document = NULL WHERE key = ?1" + NO_DELIVERY_WAITS, plan.payloads());
        each(
                connection,
                "UPDATE attempt SET request_body = NULL WHERE request_body IS NOT NULL AND delivery IN"
                        + " (SELECT d.id FROM delivery d JOIN event e ON e.key = d.event WHERE d.event = ?1"
                        + " AND e.document IS NULL)",
                plan.payloads());
        each(
                connection,
                "DELETE FROM brought WHERE event = ?1 AND EXISTS"
                        + " (SELECT 1 FROM event e WHERE e.key = ?1 AND e.document IS NULL)",
                plan.payloads());
        int attempts = each(
                connection,
                "DELETE FROM attempt WHERE delivery = ?1 AND NOT EXISTS (SELECT 1 FROM delivery d JOIN delivery o"
                        + " ON o.event = d.event WHERE d.id = ?1 AND o.state = 'waiting')",
                plan.attempts());
        attempts += each(
                connection,
                "DELETE FROM attempt WHERE delivery IN (SELECT id FROM delivery WHERE event = ?1)",
                plan.events());
        each(connection, "DELETE FROM delivery WHERE event = ?1", plan.events());
        each(connection, "DELETE FROM brought WHERE event = ?1", plan.events());
        int events = each(connection, "DELETE FROM event WHERE key = ?1", plan.events());
        Expiring.write(connection, plan.expiring(), now);
        return new RetentionStep(payloads, attempts, events, gaveUp, plan.more());
    }

    private int giveUp(Connection connection, List<String> deliveries, long now) throws SQLException {
        int gaveUp = 0;
        try (PreparedStatement statement = connection.prepareStatement("UPDATE delivery SET state = 'gave-up',"
                + " outcome = 'gave-up', reason = 'waited longer than the retention allows', due_at = NULL, ended_at = ?"
                + " WHERE id = ? AND state = 'waiting' RETURNING account, webhook")) {
            for (String delivery : deliveries) {
                statement.setLong(1, now);
                statement.setString(2, delivery);
                gaveUp += Writes.wait(statement, waitingCount, -1);
            }
        }
        return gaveUp;
    }

    private static int each(Connection connection, String sql, List<?> keys) throws SQLException {
        int changed = 0;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (Object key : keys) {
                statement.setObject(1, key);
                changed += statement.executeUpdate();
            }
        }
        return changed;
    }
}
