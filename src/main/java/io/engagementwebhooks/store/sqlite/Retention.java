package io.engagementwebhooks.store.sqlite;

import io.engagementwebhooks.store.RetentionLimits;
import io.engagementwebhooks.store.RetentionStep;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;

/**
 * Removes what has outlived its use. It looks for candidates on a read connection, so that the writer is held only for
 * the few rows of a step, and goes on in the next step where it stopped.
 */
final class Retention {

    private final Reads reads;
    private long payloadsAfter = Long.MIN_VALUE;
    private long identitiesAfter = Long.MIN_VALUE;
    private String attemptsAfter = "";

    Retention(Reads reads) {
        this.reads = reads;
    }

    /** What one step will do: found by reading, done by the writer. */
    record Plan(List<String> waiting, List<Long> payloads, List<Long> events, List<String> attempts, boolean more) {}

    synchronized Plan plan(RetentionLimits limits) {
        List<String> waiting = reads.waitingSince(limits.waitingBefore().toEpochMilli(), limits.rows());
        long payloadsBefore = limits.payloadsBefore().toEpochMilli();
        List<Reads.AgedEvent> withPayload = reads.aged(true, payloadsAfter, payloadsBefore, limits.rows());
        long identitiesBefore = limits.identitiesBefore().toEpochMilli();
        List<Reads.AgedEvent> without = reads.aged(false, identitiesAfter, identitiesBefore, limits.rows());
        List<String> attempts =
                reads.withOldAttempts(limits.attemptsBefore().toEpochMilli(), attemptsAfter, limits.rows());
        payloadsAfter = next(withPayload, limits.rows());
        identitiesAfter = next(without, limits.rows());
        attemptsAfter = attempts.size() < limits.rows() ? "" : attempts.get(attempts.size() - 1);
        boolean more = waiting.size() == limits.rows()
                || withPayload.size() == limits.rows()
                || without.size() == limits.rows()
                || attempts.size() == limits.rows();
        return new Plan(
                waiting,
                withPayload.stream()
                        .filter(e -> e.endedAt() < payloadsBefore && !e.neededLater())
                        .map(Reads.AgedEvent::key)
                        .toList(),
                without.stream()
                        .filter(e -> e.endedAt() < identitiesBefore && !e.referred())
                        .map(Reads.AgedEvent::key)
                        .toList(),
                attempts,
                more);
    }

    /** Events of one millisecond may be split by a step; the last one seen is looked at again. */
    private static long next(List<Reads.AgedEvent> seen, int limit) {
        return seen.size() < limit ? Long.MIN_VALUE : seen.get(seen.size() - 1).acceptedAt() - 1;
    }

    RetentionStep carryOut(Connection connection, Plan plan, long now) throws SQLException {
        int gaveUp = each(
                connection,
                "UPDATE delivery SET state = 'gave-up', outcome = 'gave-up', reason = 'waited longer than the retention"
                        + " allows', due_at = NULL, ended_at = " + now + " WHERE id = ? AND state = 'waiting'",
                plan.waiting());
        int payloads = each(
                connection,
                "UPDATE event SET document = NULL WHERE key = ?1 AND NOT EXISTS"
                        + " (SELECT 1 FROM delivery WHERE event = ?1 AND state = 'waiting')",
                plan.payloads());
        int attempts = each(connection, "DELETE FROM attempt WHERE delivery = ?", plan.attempts());
        attempts += each(
                connection,
                "DELETE FROM attempt WHERE delivery IN (SELECT id FROM delivery WHERE event = ?)",
                plan.events());
        each(connection, "DELETE FROM delivery WHERE event = ?", plan.events());
        int events = each(connection, "DELETE FROM event WHERE key = ?", plan.events());
        return new RetentionStep(payloads, attempts, events, gaveUp, plan.more());
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
