package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.AttemptResult;
import io.engagementwebhooks.store.FifoSuccession;
import io.engagementwebhooks.store.NotOwnedException;
import io.engagementwebhooks.store.RecordKey;
import io.engagementwebhooks.store.Recorded;
import io.engagementwebhooks.store.WebhookState;
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

/** Records the attempts of a group commit. Used by one writer thread. */
final class OutcomeBatch {

    private static final String KEY = "SELECT key FROM delivery WHERE account = ? AND id = ?";

    /** The result of one attempt. */
    static final class Part extends GroupWriter.Part<Recorded> {

        private final AttemptResult result;
        private final Leases.AttemptEpoch begun;

        /** @param begun the epoch in which it began, or null: no other instance can own the webhook */
        Part(AttemptResult result, Leases.AttemptEpoch begun) {
            // the next delivery of its FIFO key, or the next write to the same record, waits for the commit
            super(
                    result.webhook().account(),
                    result.rows(),
                    result.fifo() == null && result.written().isEmpty());
            this.result = result;
            this.begun = begun;
        }

        String delivery() {
            return result.delivery();
        }

        AttemptResult result() {
            return result;
        }
    }

    private final Dialect dialect;
    private final Keys keys;
    private final FifoOrder fifo;
    private final WebhookHealth health;
    private final Fence fence;
    private final PendingCount.Row pending;
    private final MinuteStats minutes;
    private final Clock clock;
    private final String written;
    private final String setState;
    private final String hold;

    OutcomeBatch(
            Dialect dialect,
            Keys keys,
            FifoOrder fifo,
            Fence fence,
            PendingCount.Row pending,
            MinuteStats minutes,
            Clock clock) {
        this.dialect = dialect;
        this.keys = keys;
        this.fifo = fifo;
        this.health = new WebhookHealth(dialect);
        this.fence = fence;
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

    void write(Statements statements, List<Part> parts) throws SQLException {
        List<HotWrites.End> ends = new ArrayList<>(parts.size());
        Map<String, Part> byDelivery = new HashMap<>();
        Map<Integer, Long> epochs = fence.epochs(
                statements,
                parts.stream().map(part -> part.begun).filter(Objects::nonNull).toList());
        for (Part part : parts) {
            if (part.begun != null && !part.begun.isOf(epochs)) {
                part.refuse(new NotOwnedException(part.result.delivery()));
            } else {
                part.complete(Recorded.NONE);
                ends.add(new HotWrites.End(
                        part.result,
                        keys.account(statements, part.result.webhook().account())));
                byDelivery.put(part.result.delivery(), part);
            }
        }
        if (!ends.isEmpty()) {
            write(statements, ends, byDelivery);
        }
    }

    private void write(Statements statements, List<HotWrites.End> ends, Map<String, Part> parts) throws SQLException {
        fifo.lock(
                statements,
                ends.stream()
                        .map(end -> end.result().fifo())
                        .filter(Objects::nonNull)
                        .map(FifoSuccession::key)
                        .toList());
        Map<String, FifoOrder.Place> places = fifo.places(statements, ends);
        Map<String, Long> ended = dialect.hot().endAttempts(statements, ends, clock.millis());
        insertAttempts(statements, ends, ended);
        List<AttemptResult> counted = new ArrayList<>(ends.size());
        Map<String, Integer> webhooks = new HashMap<>();
        for (HotWrites.End end : ends) {
            AttemptResult result = end.result();
            if (ended.containsKey(result.delivery())) {
                counted.add(result);
                webhooks.put(result.delivery(), keys.webhook(statements, result.webhook()));
                if (result.health() != AttemptResult.Health.TEST) {
                    minutes.countAttempt(end.account(), result);
                }
                pending.add(result.state().ended() ? -1 : 0);
            }
        }
        Map<String, String> disabled = updateHealth(statements, counted, webhooks);
        Map<String, Instant> next = fifo.recorded(statements, counted, places, clock.instant());
        for (String delivery : ended.keySet()) {
            if (next.containsKey(delivery) || disabled.containsKey(delivery)) {
                parts.get(delivery).complete(new Recorded(next.get(delivery), disabled.get(delivery)));
            }
        }
        for (HotWrites.End end : ends) {
            recordConsequences(statements, end);
        }
    }

    /** Inserts attempts, also of deliveries that ended otherwise while the attempt ran. */
    private void insertAttempts(Statements statements, List<HotWrites.End> ends, Map<String, Long> ended)
            throws SQLException {
        List<HotWrites.Attempt> attempts = new ArrayList<>(ends.size());
        for (HotWrites.End end : ends) {
            if (end.result().attempt() != null) {
                Long key = ended.get(end.result().delivery());
                if (key == null) {
                    key = statements
                            .first(
                                    KEY,
                                    row -> row.getLong(1),
                                    end.account(),
                                    end.result().delivery())
                            .orElse(null);
                }
                if (key != null) {
                    attempts.add(new HotWrites.Attempt(
                            key, end.result().delivery(), end.result().attempt()));
                }
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
