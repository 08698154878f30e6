package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.AttemptResult;
import io.engagementwebhooks.store.AutoDisablePolicy;
import io.engagementwebhooks.store.SystemEvent;
import io.engagementwebhooks.store.WebhookState;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Derives the health of webhooks from the ends of their deliveries, and writes the notices that follow. Nothing is remembered
 * between transactions: a webhook may have had another owner. Used by a writer's thread.
 */
final class WebhookHealth {

    /** So many deliveries in a row that give up make a webhook failing. */
    static final int FAILING_AFTER = 5;

    private static final String IS_UNWELL =
            "(w.gave_up > 0 OR w.failing_since IS NOT NULL OR w.unwell_since IS NOT NULL)";
    private static final String READ = "SELECT gave_up, gave_up_since, failing_since, state FROM webhook WHERE key = ?";
    private static final String WRITE =
            "UPDATE webhook SET gave_up = ?, gave_up_since = ?, failing_since = ? WHERE key = ?";
    private static final String WELL = "UPDATE webhook SET gave_up = 0, gave_up_since = NULL, failing_since = NULL,"
            + " unwell_since = NULL WHERE key = ?";
    private static final String OPEN =
            "UPDATE webhook SET half_open = FALSE WHERE key = ? AND state = 'active' AND since <= ?";
    private static final String INSERT_NOTICE =
            "INSERT INTO notice (webhook, type, at, since, reason) VALUES (?, ?, ?, ?, ?)";

    private final String better;
    private final String unwell;
    private final String firstFailure;

    WebhookHealth(Dialect dialect) {
        better = "SELECT w.key, w.failing_since, w.half_open, " + IS_UNWELL + " FROM webhook w WHERE "
                + dialect.in("w.key") + " AND (w.half_open OR " + IS_UNWELL + ")";
        unwell = "SELECT w.key, w.unwell_since, w.state = 'active' FROM webhook w WHERE " + dialect.in("w.key");
        firstFailure = "UPDATE webhook SET unwell_since = ? WHERE " + dialect.in("key") + " AND unwell_since IS NULL";
    }

    private record Health(int gaveUp, Long gaveUpSince, Long failingSince, boolean disabled) {}

    /**
     * Deliveries arrived. What was sent before the webhook was resumed does not show that its receiver is back.
     *
     * @param arrived one for each webhook, by its number
     */
    void well(Statements statements, Map<Integer, AttemptResult> arrived, long now) throws SQLException {
        if (arrived.isEmpty()) {
            return;
        }
        List<Better> all = statements.query(
                better,
                row -> new Better(row.getInt(1), Columns.millis(row, 2), row.getBoolean(3), row.getBoolean(4)),
                Values.ints(arrived.keySet()));
        for (Better one : all) {
            better(statements, one, arrived.get(one.key()), now);
        }
    }

    /** A webhook whose delivery arrived, and what was written of it before. */
    private record Better(int key, Long failingSince, boolean halfOpen, boolean unwell) {}

    private static void better(Statements statements, Better one, AttemptResult arrived, long now) throws SQLException {
        if (one.halfOpen()) {
            statements.update(OPEN, one.key(), arrived.attempt().startedAt());
        }
        if (one.unwell() && arrived.health() == AttemptResult.Health.WELL) {
            if (one.failingSince() != null) {
                insert(
                        statements,
                        one.key(),
                        SystemEvent.Type.RECOVERED,
                        now,
                        one.failingSince(),
                        "a delivery has arrived again");
            }
            statements.update(WELL, one.key());
        }
    }

    /** An attempt was recorded that did not arrive, or that disables its webhook. */
    void failed(Statements statements, AttemptResult result, int webhook, long now) throws SQLException {
        Health before = statements
                .first(
                        READ,
                        row -> new Health(
                                row.getInt(1),
                                Columns.millis(row, 2),
                                Columns.millis(row, 3),
                                row.getString(4).equals(WebhookState.State.DISABLED.text())),
                        webhook)
                .orElseThrow();
        switch (result.health()) {
            case GAVE_UP -> gaveUp(statements, result, webhook, before, now);
            case FAILING -> failing(statements, result, webhook, before, now);
            default -> {}
        }
        if (result.disableWebhook() != null && result.health() != AttemptResult.Health.NONE && !before.disabled()) {
            insert(statements, webhook, SystemEvent.Type.DISABLED, now, now, result.disableWebhook());
        }
    }

    /**
     * Attempts failed.
     *
     * @param last the last that is known of each webhook, by its number
     * @return by webhook, why it is to be disabled: it has failed for too long
     */
    Map<Integer, String> breaking(Statements statements, Map<Integer, AttemptResult> last, long now)
            throws SQLException {
        Map<Integer, String> breaking = new HashMap<>();
        if (last.isEmpty()) {
            return breaking;
        }
        List<Unwell> all = statements.query(
                unwell,
                row -> new Unwell(row.getInt(1), Columns.millis(row, 2), row.getBoolean(3)),
                Values.ints(last.keySet()));
        List<Integer> first =
                all.stream().filter(one -> one.since() == null).map(Unwell::key).toList();
        for (Unwell one : all) {
            AttemptResult result = last.get(one.key());
            if (one.since() != null && one.active() && result.disableWebhook() == null) {
                Optional<String> reason = AutoDisablePolicy.of(result, one.since(), now);
                if (reason.isPresent()) {
                    breaking.put(one.key(), reason.get());
                    insert(statements, one.key(), SystemEvent.Type.DISABLED, now, one.since(), reason.get());
                }
            }
        }
        if (!first.isEmpty()) {
            statements.update(firstFailure, now, Values.ints(first));
        }
        return breaking;
    }

    private record Unwell(int key, Long since, boolean active) {}

    private static void gaveUp(Statements statements, AttemptResult result, int webhook, Health before, long now)
            throws SQLException {
        int gaveUp = before.gaveUp() + 1;
        long since = before.gaveUp() == 0 ? now : before.gaveUpSince();
        Long failingSince = before.failingSince();
        if (failingSince == null && gaveUp >= FAILING_AFTER) {
            String reason = gaveUp + " deliveries in a row gave up, the last one because: " + result.reason();
            insert(statements, webhook, SystemEvent.Type.FAILING, now, since, reason);
            failingSince = since;
        }
        statements.update(WRITE, gaveUp, since, failingSince, webhook);
    }

    private static void failing(Statements statements, AttemptResult result, int webhook, Health before, long now)
            throws SQLException {
        if (before.failingSince() == null) {
            insert(statements, webhook, SystemEvent.Type.FAILING, now, now, result.reason());
            statements.update(WRITE, before.gaveUp(), before.gaveUpSince(), now, webhook);
        }
    }

    private static void insert(
            Statements statements, int webhook, SystemEvent.Type type, long at, long since, String reason)
            throws SQLException {
        statements.update(INSERT_NOTICE, webhook, type.text(), at, since, reason);
    }
}
