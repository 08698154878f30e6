package io.engagementwebhooks.store.postgres;

import io.engagementwebhooks.store.AttemptRow;
import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.store.FairQueue;
import io.engagementwebhooks.store.FifoTurn;
import io.engagementwebhooks.store.NotOwnedException;
import io.engagementwebhooks.store.RecordKey;
import io.engagementwebhooks.store.Recorded;
import io.engagementwebhooks.store.TryResult;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * Writes how tries ended, those of a group together, and beside them what people and the product change now and then. Used
 * by one writer's thread.
 */
final class Outcomes extends CountedSteps {

    /** A change of owner waits for this, and this sees one that came before. */
    private static final String FENCE =
            "SELECT number, epoch FROM partition WHERE owner = ? AND number = ANY (?) FOR SHARE";

    /** What waits is told by its end: by its state, the planner would walk through the index of all that waits. */
    private static final String END_TRIES =
            "UPDATE delivery d SET state = x.state, outcome = coalesce(x.outcome, d.outcome), reason = x.reason,"
                    + " attempts = coalesce(x.attempt, d.attempts),"
                    + " status = CASE WHEN x.attempt IS NULL THEN d.status ELSE x.status END,"
                    + " due_at = x.due, ended_at = x.ended,"
                    + " wait_field = CASE WHEN x.attempt IS NULL THEN d.wait_field END,"
                    + " unsent_since = CASE WHEN x.attempt IS NULL THEN coalesce(d.unsent_since, ?) END"
                    + " FROM unnest(?, ?, ?, ?, ?, ?, ?, ?) x(id, state, outcome, reason, attempt, status, due, ended)"
                    + " WHERE d.id = x.id AND d.ended_at IS NULL"
                    + " RETURNING d.id, (SELECT w.name FROM webhook w WHERE w.key = d.webhook)";

    private static final String DISCARD = "UPDATE delivery SET state = 'discarded', reason = ?, due_at = NULL,"
            + " ended_at = ?, wait_field = NULL, unsent_since = NULL WHERE id = ANY (?) AND ended_at IS NULL";

    private static final String INSERT_ATTEMPTS =
            "INSERT INTO attempt (delivery, number, day, started_at, ms, outcome, reason, note, status, headers, body,"
                    + " timing, request, request_body) SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
    private static final String WRITTEN = "INSERT INTO written_record (account, record, event_at, event_id, written_at)"
            + " SELECT d.account, ?, coalesce(e.time, e.accepted_at), e.id, ? FROM delivery d"
            + " JOIN event e ON e.key = d.event WHERE d.id = ? ON CONFLICT (account, record) DO UPDATE"
            + " SET event_at = excluded.event_at, event_id = excluded.event_id, written_at = excluded.written_at"
            + " WHERE excluded.event_at >= written_record.event_at";
    private static final String SET_STATE = "UPDATE webhook SET paused_total = paused_total"
            + " + CASE WHEN state = 'active' THEN 0 ELSE greatest(0, ? - coalesce(since, ?)) END,"
            + " half_open = half_open OR state = 'disabled', state = ?, reason = ?, since = ?,"
            + " hold_until = NULL, unwell_since = NULL WHERE account = ? AND name = ?"
            + " RETURNING paused_total, half_open";

    /** One try's end. */
    static final class End extends GroupWriter.Part<Recorded> {
        private final TryResult result;
        private final Leases.Try under;
        private volatile WebhookId webhook;

        /** @param under what it began under, or null: nobody else could own it */
        End(TryResult result, Leases.Try under) {
            super(result.webhook().account(), result.rows());
            this.result = result;
            this.under = under;
            this.webhook = result.webhook();
        }

        /** The webhook as it is called when this is written. */
        WebhookId webhook() {
            return webhook;
        }
    }

    /** Something else to be written. */
    static final class Change<T> extends GroupWriter.Part<T> {
        private final Work<T> work;

        Change(String account, int rows, Work<T> work) {
            super(account, rows);
            this.work = work;
        }

        private void carryOut(Connection connection) throws SQLException {
            give(work.in(connection));
        }
    }

    /** A part of a transaction. */
    interface Work<T> {
        T in(Connection connection) throws SQLException;
    }

    /** Takes work for the writer's next transaction. */
    interface Writer {
        /**
         * Writes something for an account.
         *
         * @param rows about how many rows that are
         */
        <T> CompletableFuture<T> write(String account, int rows, Work<T> work);

        /** Writes something small of the product's own. */
        default <T> CompletableFuture<T> write(Work<T> work) {
            return write(FairQueue.PRODUCT, 1, work);
        }
    }

    private final Names names;
    private final AttemptDays days;
    private final Healths healths;
    private final String owner;

    Outcomes(Names names, AttemptDays days, WaitingSum.Row waiting, String owner, Clock clock) {
        super(waiting, new Minutes(owner + "/outcome"), clock);
        this.names = names;
        this.days = days;
        this.healths = new Healths(names);
        this.owner = owner;
    }

    WaitingSum.Row waiting() {
        return waiting;
    }

    @Override
    public void write(Connection connection, List<? extends GroupWriter.Part<?>> parts) throws SQLException {
        List<End> ends = new ArrayList<>(parts.size());
        Set<String> deliveries = new HashSet<>();
        for (GroupWriter.Part<?> part : parts) {
            if (part instanceof Change<?> change) {
                // a person who changes something has the last word over what ended before
                record(connection, ends);
                ends.clear();
                deliveries.clear();
                change.carryOut(connection);
            } else {
                End end = (End) part;
                if (!deliveries.add(end.result.delivery())) {
                    // an end that is told again changes nothing, but it must come after the first
                    record(connection, ends);
                    ends.clear();
                    deliveries.clear();
                    deliveries.add(end.result.delivery());
                }
                ends.add(end);
            }
        }
        record(connection, ends);
    }

    private void record(Connection connection, List<End> ends) throws SQLException {
        List<TryResult> results = new ArrayList<>(ends.size());
        Map<String, End> written = new HashMap<>();
        Map<Integer, Long> epochs = epochs(connection, ends);
        for (End end : ends) {
            if (end.under != null && !end.under.isOf(epochs)) {
                end.refuse(new NotOwnedException(end.result.delivery()));
            } else {
                end.give(Recorded.ALONE);
                results.add(end.result);
                written.put(end.result.delivery(), end);
            }
        }
        if (results.isEmpty()) {
            return;
        }
        Fifos.lock(
                connection,
                results.stream()
                        .map(TryResult::fifo)
                        .filter(Objects::nonNull)
                        .map(FifoTurn::key)
                        .toList());
        Map<String, String> ended = endTries(connection, results);
        results.replaceAll(result -> {
            String name = ended.get(result.delivery());
            TryResult present = name == null ? result : result.named(name);
            written.get(result.delivery()).webhook = present.webhook();
            return present;
        });
        insertAttempts(connection, results);
        List<TryResult> counted = results.stream()
                .filter(result -> ended.containsKey(result.delivery()))
                .toList();
        waiting.add(-counted.stream().filter(result -> result.state().ended()).count());
        for (TryResult result : counted) {
            minutes.tried(names.account(result.webhook().account()), result);
        }
        note(connection, counted);
        tell(ends, Fifos.tried(connection, counted, clock.instant()), breakOff(connection, counted));
        for (TryResult result : results) {
            follow(connection, result);
        }
    }

    private static void tell(List<End> ends, Map<String, Instant> next, Map<String, String> disabled) {
        if (next.isEmpty() && disabled.isEmpty()) {
            return;
        }
        for (End end : ends) {
            String delivery = end.result.delivery();
            if (next.containsKey(delivery) || disabled.containsKey(delivery)) {
                end.give(new Recorded(next.get(delivery), disabled.get(delivery)));
            }
        }
    }

    /** Disables webhooks that have failed for too long. @return by the delivery that told so, why */
    private Map<String, String> breakOff(Connection connection, List<TryResult> results) throws SQLException {
        Map<WebhookId, TryResult> last = new LinkedHashMap<>();
        for (TryResult result : results) {
            if (result.hasFailed()) {
                last.put(result.webhook(), result);
            } else if (result.health() == TryResult.Health.WELL) {
                last.remove(result.webhook());
            }
        }
        Map<String, String> reasons = healths.failed(connection, List.copyOf(last.values()), clock.millis());
        for (TryResult result : last.values()) {
            String reason = reasons.get(result.delivery());
            if (reason != null) {
                setState(connection, result.webhook(), WebhookState.State.DISABLED, reason, clock.instant());
            }
        }
        return reasons;
    }

    private Map<Integer, Long> epochs(Connection connection, List<End> ends) throws SQLException {
        return epochsOf(
                connection,
                ends.stream()
                        .filter(end -> end.under != null)
                        .map(end -> end.under.partition())
                        .collect(Collectors.toSet()));
    }

    /** Of those partitions that are ours, until the end of the transaction. */
    private Map<Integer, Long> epochsOf(Connection connection, Set<Integer> partitions) throws SQLException {
        Map<Integer, Long> epochs = new HashMap<>();
        if (partitions.isEmpty()) {
            return epochs;
        }
        try (PreparedStatement statement = Columns.prepared(
                        connection, FENCE, owner, Columns.ints(List.copyOf(partitions), number -> number));
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                epochs.put(rows.getInt(1), rows.getLong(2));
            }
        }
        return epochs;
    }

    /** @return by those that waited, what their webhooks are called now */
    private Map<String, String> endTries(Connection connection, List<TryResult> results) throws SQLException {
        long now = clock.millis();
        Map<String, String> ended = new HashMap<>();
        try (PreparedStatement statement = Columns.prepared(
                        connection,
                        END_TRIES,
                        now,
                        Columns.texts(results, TryResult::delivery),
                        Columns.texts(results, result -> result.state().text()),
                        Columns.texts(results, Outcomes::outcome),
                        Columns.texts(results, TryResult::reason),
                        Columns.ints(
                                results,
                                result -> result.attempt() == null
                                        ? null
                                        : result.attempt().number()),
                        Columns.ints(
                                results,
                                result -> result.attempt() == null
                                        ? null
                                        : result.attempt().status()),
                        Columns.longs(results, result -> Columns.millis(result.dueAt())),
                        Columns.longs(results, result -> result.state().ended() ? (Long) now : null));
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                ended.put(rows.getString(1), rows.getString(2));
            }
        }
        return ended;
    }

    /** @param under what each was begun under; none: nobody else could own it */
    int discard(
            Connection connection, List<String> deliveries, Map<String, Leases.Try> under, String reason, Instant now)
            throws SQLException {
        List<String> ours = ours(connection, deliveries, under);
        Set<Fifos.Key> left = Fifos.leaving(connection, ours);
        int discarded = Columns.update(connection, DISCARD, reason, now, Columns.texts(ours, id -> id));
        Fifos.letFirst(connection, left, now);
        waiting.add(-discarded);
        return discarded;
    }

    /**
     * Those that are of the epoch still under which each was begun, until the end of the transaction. Thread-safe.
     *
     * @param under what each was begun under; none: nobody else could own it
     */
    List<String> ours(Connection connection, List<String> deliveries, Map<String, Leases.Try> under)
            throws SQLException {
        Map<Integer, Long> epochs = epochsOf(
                connection, under.values().stream().map(Leases.Try::partition).collect(Collectors.toSet()));
        return deliveries.stream()
                .filter(delivery ->
                        under.get(delivery) == null || under.get(delivery).isOf(epochs))
                .toList();
    }

    private static String outcome(TryResult result) {
        if (result.attempt() != null) {
            return result.attempt().outcome();
        }
        return result.state().ended() ? result.state().text() : null;
    }

    private record Attempt(String delivery, AttemptRow row) {
        int day() {
            return AttemptDays.day(row.startedAt().toEpochMilli());
        }
    }

    private void insertAttempts(Connection connection, List<TryResult> results) throws SQLException {
        List<Attempt> attempts = results.stream()
                .filter(result -> result.attempt() != null)
                .map(result -> new Attempt(result.delivery(), result.attempt()))
                .toList();
        if (attempts.isEmpty()) {
            return;
        }
        for (Attempt attempt : attempts) {
            days.make(attempt.day());
        }
        Columns.update(
                connection,
                INSERT_ATTEMPTS,
                Columns.texts(attempts, Attempt::delivery),
                Columns.ints(attempts, attempt -> attempt.row().number()),
                Columns.ints(attempts, Attempt::day),
                Columns.longs(attempts, attempt -> attempt.row().startedAt().toEpochMilli()),
                Columns.longs(attempts, attempt -> attempt.row().ms()),
                Columns.texts(attempts, attempt -> attempt.row().outcome()),
                Columns.texts(attempts, attempt -> attempt.row().reason()),
                Columns.texts(attempts, attempt -> attempt.row().note()),
                Columns.ints(attempts, attempt -> attempt.row().status()),
                Columns.texts(attempts, attempt -> attempt.row().headers()),
                Columns.bytes(attempts, attempt -> attempt.row().body()),
                Columns.texts(attempts, attempt -> attempt.row().timing()),
                Columns.texts(attempts, attempt -> attempt.row().request()),
                Columns.bytes(attempts, attempt -> attempt.row().requestBody()));
    }

    /** Those of webhooks that only do well together, the others one after the other. */
    private void note(Connection connection, List<TryResult> results) throws SQLException {
        long now = clock.millis();
        Set<WebhookId> troubled = results.stream()
                .filter(Outcomes::isTrouble)
                .map(TryResult::webhook)
                .collect(Collectors.toSet());
        Map<WebhookId, TryResult> arrived = new LinkedHashMap<>();
        results.stream()
                .filter(Outcomes::hasArrived)
                .filter(result -> !troubled.contains(result.webhook()))
                .forEach(result -> arrived.merge(result.webhook(), result, Outcomes::tellsMore));
        healths.well(connection, List.copyOf(arrived.values()), now);
        for (TryResult result : results) {
            if (troubled.contains(result.webhook())) {
                if (hasArrived(result)) {
                    healths.well(connection, List.of(result), now);
                } else if (isTrouble(result)) {
                    healths.tried(connection, result, now);
                    disable(connection, result);
                }
            }
        }
    }

    private static boolean hasArrived(TryResult result) {
        return result.state() == DeliveryState.DELIVERED;
    }

    /** That of an event of the product's own does not tell that its webhook is well again. */
    private static TryResult tellsMore(TryResult one, TryResult other) {
        if (one.health() != other.health()) {
            return one.health() == TryResult.Health.WELL ? one : other;
        }
        return one.attempt().startedAt().isAfter(other.attempt().startedAt()) ? one : other;
    }

    private static boolean isTrouble(TryResult result) {
        return result.disableWebhook() != null
                || result.health() == TryResult.Health.GAVE_UP
                || result.health() == TryResult.Health.FAILING;
    }

    /** At once, so that the next one of the group finds it disabled. */
    private void disable(Connection connection, TryResult result) throws SQLException {
        if (result.disableWebhook() != null) {
            setState(
                    connection,
                    result.webhook(),
                    WebhookState.State.DISABLED,
                    result.disableWebhook(),
                    clock.instant());
        }
    }

    private void follow(Connection connection, TryResult result) throws SQLException {
        for (RecordKey record : result.written()) {
            Columns.update(connection, WRITTEN, record.hash(), clock.millis(), result.delivery());
        }
        if (result.holdWebhookUntil() != null) {
            // a receiver that asks for several pauses gets the longest
            Columns.update(
                    connection,
                    "UPDATE webhook SET hold_until = greatest(coalesce(hold_until, 0), ?) WHERE account = ? AND name = ?",
                    result.holdWebhookUntil(),
                    names.account(result.webhook().account()),
                    result.webhook().name());
        }
    }

    /** Changes the state; a webhook that is not active already adds the time it was not to its total. */
    WebhookState setState(
            Connection connection, WebhookId webhook, WebhookState.State state, String reason, Instant since)
            throws SQLException {
        names.webhook(webhook);
        try (PreparedStatement statement = Columns.prepared(
                        connection,
                        SET_STATE,
                        since,
                        since,
                        state.text(),
                        reason,
                        since,
                        names.account(webhook.account()),
                        webhook.name());
                ResultSet rows = statement.executeQuery()) {
            if (!rows.next()) {
                names.forgetWebhooks();
                throw new SQLException("webhook '" + webhook.name() + "' was renamed at this moment", "40001");
            }
            Instant kept = Instant.ofEpochMilli(since.toEpochMilli());
            Duration pausedTotal = Duration.ofMillis(rows.getLong(1));
            return new WebhookState(webhook, state, reason, kept, null, pausedTotal, rows.getBoolean(2));
        }
    }
}
