package io.engagementwebhooks.store.outcome;

import io.engagementwebhooks.ledger.LruMap;
import io.engagementwebhooks.store.accept.SystemEvent;
import io.engagementwebhooks.store.jdbc.Columns;
import io.engagementwebhooks.store.jdbc.Dialect;
import io.engagementwebhooks.store.jdbc.IdBounds;
import io.engagementwebhooks.store.jdbc.Statements;
import io.engagementwebhooks.store.jdbc.Values;
import io.engagementwebhooks.store.query.DeliveryState;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Derives the health of webhooks from results of attempts, and stores the system events that follow. Used by one writer
 * thread.
 *
 * <p>A webhook's row is written when an attempt fails and when the health changes. Successes in between are counted in
 * memory: a restart or a change of owner loses up to 19 of them, and a rollback may count some twice. A webhook whose
 * last 20 attempts succeeded uses no memory, and another success writes nothing.
 */
final class WebhookHealth {

    /** Failures in a row over a shorter time do not make a webhook failing, unless they are 20. */
    private static final long FAILING_AFTER_MS = Duration.ofMinutes(1).toMillis();

    private static final int MAX_IN_MEMORY = 10_000;

    private static final String WRITE = "UPDATE webhook SET recent = ?, degraded_since = ?, failing_since = ?,"
            + " unwell_since = ?, trouble = ? WHERE key = ?";
    private static final String OPEN =
            "UPDATE webhook SET half_open = FALSE WHERE key = ? AND state = 'active' AND since <= ?";

    /** Bounded: a canceled delivery keeps its problem. */
    private static final String RETRYING = "SELECT 1 FROM (SELECT d.state FROM delivery d WHERE d.webhook = ?"
            + " AND d.problem = 'try-later' AND d.problem IS NOT NULL AND d.id < '" + IdBounds.AFTER_ALL
            + "' ORDER BY d.id DESC LIMIT 1000) x WHERE x.state = 'waiting' LIMIT 1";

    private static final String INSERT_SYSTEM_EVENT =
            "INSERT INTO system_event (webhook, type, at, since, reason) VALUES (?, ?, ?, ?, ?)";

    /** Disables a webhook, by its key. */
    interface Disabling {
        void disable(int webhook, String reason) throws SQLException;
    }

    private final String read;
    private final Map<Integer, Since> successes = new LruMap<>(MAX_IN_MEMORY);

    WebhookHealth(Dialect dialect) {
        read = "SELECT w.key, w.recent, w.degraded_since, w.failing_since, w.unwell_since, w.trouble, w.state,"
                + " w.half_open FROM webhook w WHERE " + dialect.in("w.key") + " AND (w.recent <> "
                + AttemptWindow.CLEAN.bits()
                + " OR w.half_open OR " + dialect.in("w.key") + ") ORDER BY w.key"
                // locked, since another instance may resume or pause the webhook
                + dialect.locking("FOR NO KEY UPDATE");
    }

    /** A window with the successes since its row was written. @param written the window in the row */
    private record Since(AttemptWindow written, AttemptWindow window) {}

    /** The stored health of a webhook. */
    private record Row(
            int key,
            AttemptWindow recent,
            Long degradedSince,
            Long failingSince,
            Long unwellSince,
            String trouble,
            boolean active,
            boolean disabled,
            boolean halfOpen) {}

    /**
     * Updates the health after attempts.
     *
     * @param results by webhook, in order
     * @return the reasons of webhooks that this disables, by the delivery that caused it
     */
    Map<String, String> attemptsEnded(
            Statements statements, Map<Integer, List<AttemptResult>> results, Disabling disabling, long now)
            throws SQLException {
        Map<String, String> disabled = new HashMap<>();
        if (results.isEmpty()) {
            return disabled;
        }
        List<Integer> troubled = results.entrySet().stream()
                .filter(webhook -> webhook.getValue().stream().anyMatch(WebhookHealth::isTrouble))
                .map(Map.Entry::getKey)
                .toList();
        List<Row> rows = statements.query(
                read,
                row -> new Row(
                        row.getInt(1),
                        new AttemptWindow(row.getInt(2)),
                        Columns.millis(row, 3),
                        Columns.millis(row, 4),
                        Columns.millis(row, 5),
                        row.getString(6),
                        row.getString(7).equals(WebhookState.State.ACTIVE.text()),
                        row.getString(7).equals(WebhookState.State.DISABLED.text()),
                        row.getBoolean(8)),
                Values.ints(results.keySet()),
                Values.ints(troubled));
        for (Row row : rows) {
            Change change = new Change(statements, row, disabling, now);
            for (AttemptResult result : results.get(row.key())) {
                change.add(result);
            }
            change.endDegraded();
            change.disableIfFailedForTooLong(disabled);
            change.write();
        }
        return disabled;
    }

    private static boolean isTrouble(AttemptResult result) {
        return result.disableReason() != null || result.hasFailed();
    }

    /** The change of a webhook's health by the results of a group. */
    private final class Change {

        private final Statements statements;
        private final Row row;
        private final Disabling disabling;
        private final long now;
        private AttemptWindow window;
        private Long degradedSince;
        private Long failingSince;
        private Long unwellSince;
        private String trouble;
        private boolean active;
        private boolean disabled;
        private AttemptResult lastFailure;
        private boolean hasFailed;

        Change(Statements statements, Row row, Disabling disabling, long now) {
            this.statements = statements;
            this.row = row;
            this.disabling = disabling;
            this.now = now;
            Since since = successes.get(row.key());
            this.window = since != null && since.written().equals(row.recent()) ? since.window() : row.recent();
            this.degradedSince = row.degradedSince();
            this.failingSince = row.failingSince();
            this.unwellSince = row.unwellSince();
            this.trouble = row.trouble();
            this.active = row.active();
            this.disabled = row.disabled();
        }

        void add(AttemptResult result) throws SQLException {
            if (result.health() == AttemptResult.Health.TEST) {
                return;
            }
            // an attempt from before the webhook was resumed does not show that its receiver is back
            if (result.state() == DeliveryState.DELIVERED && row.halfOpen()) {
                statements.update(OPEN, row.key(), result.attempt().startedAt());
            }
            if (result.health() == AttemptResult.Health.WELL) {
                succeeded();
            } else if (result.hasFailed()) {
                failed(result);
            }
            if (result.disableReason() != null) {
                if (result.health() != AttemptResult.Health.NONE && !disabled) {
                    insert(SystemEvent.Type.DISABLED, now, result.disableReason());
                }
                disable(result.disableReason());
            }
        }

        private void succeeded() throws SQLException {
            lastFailure = null;
            unwellSince = null;
            addToWindow(false);
            if (failingSince != null && window.successesInARow() >= AttemptWindow.IN_A_ROW) {
                insert(
                        SystemEvent.Type.RECOVERED,
                        failingSince,
                        AttemptWindow.IN_A_ROW + " attempts in a row have succeeded");
                failingSince = null;
            }
        }

        /** Once for all results, since it looks for retrying deliveries. */
        void endDegraded() throws SQLException {
            if (degradedSince != null
                    && window.successesInARow() >= AttemptWindow.IN_A_ROW
                    && !statements.exists(RETRYING, row.key())) {
                window = window.sinceLastFailure();
                degradedSince = null;
            }
        }

        private void failed(AttemptResult result) throws SQLException {
            lastFailure = result;
            hasFailed = true;
            trouble = result.reason();
            unwellSince = unwellSince == null ? Long.valueOf(now) : unwellSince;
            addToWindow(true);
            if (failingSince == null && isFailing(result)) {
                boolean isLasting = result.health() == AttemptResult.Health.FAILING;
                failingSince = isLasting ? Long.valueOf(now) : unwellSince;
                insert(SystemEvent.Type.FAILING, failingSince, isLasting ? trouble : reason());
            }
        }

        private void addToWindow(boolean failure) {
            window = window.after(failure);
            degradedSince = !window.isDegraded() ? null : degradedSince == null ? Long.valueOf(now) : degradedSince;
        }

        private boolean isFailing(AttemptResult result) {
            return result.health() == AttemptResult.Health.FAILING
                    || window.isWithoutSuccess()
                    || window.failuresInARow() >= AttemptWindow.IN_A_ROW && now - unwellSince >= FAILING_AFTER_MS;
        }

        private String reason() {
            return window.failuresInARow() + " attempts in a row failed, the last one because: " + trouble;
        }

        /** Only if its last result is a failure. */
        void disableIfFailedForTooLong(Map<String, String> why) throws SQLException {
            if (lastFailure == null || !active || lastFailure.disableReason() != null || unwellSince == null) {
                return;
            }
            Optional<String> reason = AutoDisablePolicy.of(lastFailure, unwellSince, now);
            if (reason.isPresent()) {
                insert(SystemEvent.Type.DISABLED, unwellSince, reason.get());
                disable(reason.get());
                why.put(lastFailure.delivery(), reason.get());
            }
        }

        private void disable(String reason) throws SQLException {
            disabling.disable(row.key(), reason);
            active = false;
            disabled = true;
            unwellSince = null;
        }

        void write() throws SQLException {
            boolean isChanged = !Objects.equals(degradedSince, row.degradedSince())
                    || !Objects.equals(failingSince, row.failingSince())
                    || !Objects.equals(unwellSince, row.unwellSince())
                    || !Objects.equals(trouble, row.trouble());
            // each step of a recovery is stored, so that it continues after a restart
            boolean isStep =
                    hasFailed || row.failingSince() != null || window.successesInARow() % AttemptWindow.IN_A_ROW == 0;
            boolean isWindowDue = !window.equals(row.recent()) && (isStep || window.equals(AttemptWindow.CLEAN));
            if (isChanged || isWindowDue) {
                statements.update(WRITE, window.bits(), degradedSince, failingSince, unwellSince, trouble, row.key());
                successes.remove(row.key());
            } else if (!window.equals(row.recent())) {
                successes.put(row.key(), new Since(row.recent(), window));
            }
        }

        private void insert(SystemEvent.Type type, long since, String reason) throws SQLException {
            statements.update(INSERT_SYSTEM_EVENT, row.key(), type.text(), now, since, reason);
        }
    }
}
