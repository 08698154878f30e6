package io.engagementwebhooks.store.outcome;

import io.engagementwebhooks.store.cluster.Cluster;
import io.engagementwebhooks.store.cluster.Ownership;
import io.engagementwebhooks.store.due.FifoOrder;
import io.engagementwebhooks.store.due.FifoSuccession;
import io.engagementwebhooks.store.jdbc.Dialect;
import io.engagementwebhooks.store.jdbc.GroupWriter;
import io.engagementwebhooks.store.jdbc.HotWrites;
import io.engagementwebhooks.store.jdbc.Keys;
import io.engagementwebhooks.store.jdbc.Statements;
import io.engagementwebhooks.store.query.AttemptRow;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.store.query.PendingCount;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Records the attempts of a group commit. Used by one writer thread. */
public final class OutcomeBatch {

    private static final String PENDING = "SELECT 1 FROM delivery WHERE account = ? AND id = ? AND ended_at IS NULL";
    private static final String ENDED_KEY =
            "SELECT d.key, EXISTS (SELECT 1 FROM event e WHERE e.key IN (d.event, d.later) AND length(e.data_sha256) = 0)"
                    + " FROM delivery d WHERE d.account = ? AND d.id = ? AND d.ended_at IS NOT NULL";

    /** The result of one attempt. */
    public static final class Part extends GroupWriter.Part<Recorded> {

        private final AttemptResult result;

        Part(AttemptResult result) {
            // the next delivery of its FIFO key, or the next write to the same record, waits for the commit
            super(
                    result.webhook().account(),
                    result.rows(),
                    result.fifo() == null && result.written().isEmpty());
            this.result = result;
        }

        public String delivery() {
            return result.delivery();
        }

        public AttemptResult result() {
            return result;
        }

        int partition() {
            return Ownership.partition(result.webhook());
        }
    }

    private final Dialect dialect;
    private final Keys keys;
    private final FifoOrder fifo;
    private final WebhookHealth health;
    private final Cluster cluster;
    private final PendingCount.Row pending;
    private final MinuteStats minutes;
    private final Clock clock;
    private final String written;
    private final String setState;
    private final String hold;

    public OutcomeBatch(
            Dialect dialect,
            Keys keys,
            FifoOrder fifo,
            Cluster cluster,
            PendingCount.Row pending,
            MinuteStats minutes,
            Clock clock) {
        this.dialect = dialect;
        this.keys = keys;
        this.fifo = fifo;
        this.health = new WebhookHealth(dialect);
        this.cluster = cluster;
        this.pending = pending;
        this.minutes = minutes;
        this.clock = clock;
        this.written = "INSERT INTO record_write (account, record, event_at, event_id, written_at)"
                + " SELECT d.account, ?, coalesce(e.time, e.accepted_at), e.id, ? FROM delivery d"
                + " JOIN event e ON e.key = d.event WHERE d.account = ? AND d.id = ?"
                + " ON CONFLICT (account, record) DO UPDATE SET event_at = excluded.event_at,"
                + " event_id = excluded.event_id, written_at = excluded.written_at"
                + " WHERE excluded.event_at >= record_write.event_at";
        this.setState = "UPDATE webhook SET paused_total = paused_total + CASE WHEN state = 'active' THEN 0 ELSE "
                + dialect.greatest() + "(0, CAST(? AS bigint) - coalesce(since, CAST(? AS bigint))) END,"
                + " half_open = half_open OR state = 'disabled', state = ?, reason = ?, since = ?, hold_until = NULL,"
                + " unwell_since = NULL WHERE key = ? RETURNING paused_total, half_open";
        // of several requested pauses the longest counts
        this.hold = "UPDATE webhook SET hold_until = " + dialect.greatest()
                + "(coalesce(hold_until, 0), CAST(? AS bigint)) WHERE key = ?";
    }

    /**
     * Records outcomes of deliveries that are still pending as they were taken, by the owner of their webhook. The others change
     * nothing, but for a late success: it ends its delivery.
     */
    public void write(Statements statements, List<Part> parts) throws SQLException {
        Set<Integer> owned = cluster.lockOwned(
                statements, parts.stream().map(Part::partition).collect(Collectors.toSet()));
        Map<String, Part> candidates = new HashMap<>();
        List<HotWrites.End> ends = new ArrayList<>(parts.size());
        for (Part part : parts) {
            if (owned.contains(part.partition()) || part.result.state() == DeliveryState.DELIVERED) {
                candidates.put(part.delivery(), part);
                ends.add(new HotWrites.End(
                        part.result,
                        keys.account(statements, part.result.webhook().account())));
            } else {
                part.refuse(new FencedException(part.delivery()));
            }
        }
        if (!ends.isEmpty()) {
            write(statements, ends, candidates, owned);
        }
    }

    private void write(Statements statements, List<HotWrites.End> ends, Map<String, Part> parts, Set<Integer> owned)
            throws SQLException {
        fifo.lock(
                statements,
                ends.stream()
                        .map(end -> end.result().fifo())
                        .filter(Objects::nonNull)
                        .map(FifoSuccession::key)
                        .toList());
        Map<String, FifoOrder.Place> places = fifo.places(statements, ends);
        Map<String, HotWrites.Ended> ended = dialect.hot().endAttempts(statements, ends, clock.millis());
        List<HotWrites.End> applied = ends.stream()
                .filter(end -> ended.containsKey(end.result().delivery()))
                .toList();
        insertAttempts(
                statements,
                ends,
                ended,
                delivery -> owned.contains(parts.get(delivery).partition()));
        Map<String, Integer> webhooks = new HashMap<>();
        for (HotWrites.End end : applied) {
            AttemptResult result = end.result();
            webhooks.put(result.delivery(), keys.webhook(statements, result.webhook()));
            if (result.health() != AttemptResult.Health.TEST) {
                minutes.countAttempt(end.account(), result);
            }
            pending.add(result.state().ended() ? -1 : 0);
        }
        List<AttemptResult> counted =
                applied.stream().map(HotWrites.End::result).toList();
        Map<String, String> disabled = updateHealth(statements, counted, webhooks);
        Map<String, Instant> next = fifo.recorded(statements, counted, places, clock.instant());
        for (HotWrites.End end : applied) {
            recordConsequences(statements, end);
        }
        for (HotWrites.End end : ends) {
            Part part = parts.get(end.result().delivery());
            if (ended.containsKey(part.delivery())) {
                if (!owned.contains(part.partition())) {
                    // a late success: the owner may have the delivery ready
                    cluster.publishCanceled(statements, part.result.webhook(), List.of(part.delivery()));
                }
                part.complete(new Recorded(next.get(part.delivery()), disabled.get(part.delivery())));
            } else if (!owned.contains(part.partition()) || isPending(statements, end)) {
                part.refuse(new FencedException(part.delivery()));
            } else {
                part.complete(Recorded.UNCHANGED);
            }
        }
    }

    /** Whether a delivery is pending, but not as it was taken. */
    private static boolean isPending(Statements statements, HotWrites.End end) throws SQLException {
        return end.taken() != null
                && statements.exists(PENDING, end.account(), end.result().delivery());
    }

    /** Inserts attempts, also of deliveries that were canceled while the attempt ran: these without bodies, and of erased events without texts. */
    private void insertAttempts(
            Statements statements,
            List<HotWrites.End> ends,
            Map<String, HotWrites.Ended> ended,
            Predicate<String> isOwned)
            throws SQLException {
        List<HotWrites.Attempt> attempts = new ArrayList<>(ends.size());
        for (HotWrites.End end : ends) {
            String delivery = end.result().delivery();
            AttemptRow attempt = end.result().attempt();
            if (attempt != null && ended.containsKey(delivery)) {
                HotWrites.Ended recorded = ended.get(delivery);
                // a late success follows the attempts of the owner
                AttemptRow last = attempt.withNumber(Math.max(attempt.number(), recorded.attempts()));
                attempts.add(new HotWrites.Attempt(recorded.delivery(), delivery, last));
            } else if (attempt != null && isOwned.test(delivery)) {
                statements
                        .first(
                                ENDED_KEY,
                                row -> new HotWrites.Attempt(
                                        row.getLong(1),
                                        delivery,
                                        row.getBoolean(2) ? attempt.withoutTexts() : attempt.withoutBodies()),
                                end.account(),
                                delivery)
                        .ifPresent(attempts::add);
            }
        }
        if (!attempts.isEmpty()) {
            dialect.hot().insertAttempts(statements, attempts);
        }
    }

    /** @return the reasons of webhooks that this disables, by the delivery that caused it */
    private Map<String, String> updateHealth(
            Statements statements, List<AttemptResult> results, Map<String, Integer> webhooks) throws SQLException {
        Map<Integer, List<AttemptResult>> byWebhook = new LinkedHashMap<>();
        for (AttemptResult result : results) {
            byWebhook
                    .computeIfAbsent(webhooks.get(result.delivery()), first -> new ArrayList<>())
                    .add(result);
        }
        return health.attemptsEnded(
                statements,
                byWebhook,
                (webhook, reason) ->
                        setState(statements, webhook, WebhookState.State.DISABLED, reason, clock.instant()),
                clock.millis());
    }

    private void recordConsequences(Statements statements, HotWrites.End end) throws SQLException {
        AttemptResult result = end.result();
        for (RecordKey record : result.written()) {
            statements.update(written, record.hash(), clock.millis(), end.account(), result.delivery());
        }
        if (result.holdWebhookUntil() != null) {
            statements.update(hold, result.holdWebhookUntil(), keys.webhook(statements, result.webhook()));
        }
    }

    /** The state of a webhook after a change. */
    record Changed(Duration pausedTotal, boolean halfOpen) {}

    /** Changes the state; time that a webhook was not active is added to its total. */
    Changed setState(Statements statements, int webhook, WebhookState.State state, String reason, Instant since)
            throws SQLException {
        return statements
                .first(
                        setState,
                        row -> new Changed(Duration.ofMillis(row.getLong(1)), row.getBoolean(2)),
                        since,
                        since,
                        state.text(),
                        reason,
                        since,
                        webhook)
                .orElseThrow();
    }
}
