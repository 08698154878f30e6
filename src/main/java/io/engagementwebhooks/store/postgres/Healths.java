package io.engagementwebhooks.store.postgres;

import io.engagementwebhooks.store.Breaking;
import io.engagementwebhooks.store.Notice;
import io.engagementwebhooks.store.TryResult;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How webhooks do, by the ends of their deliveries, and the notices that come of it. Nothing is remembered between
 * transactions: a webhook may have had another owner meanwhile. Used by one writer's thread.
 */
final class Healths {

    /** So many deliveries that give up one after the other make a webhook failing. */
    static final int FAILING_AFTER = 5;

    private static final String IS_UNWELL =
            "(w.gave_up > 0 OR w.failing_since IS NOT NULL OR w.unwell_since IS NOT NULL)";
    private static final String BETTER = "SELECT x.row, w.key, w.failing_since, w.half_open, " + IS_UNWELL
            + " FROM unnest(?, ?, ?) x(row, account, name) JOIN webhook w ON w.account = x.account AND w.name = x.name"
            + " WHERE w.half_open OR " + IS_UNWELL;
    private static final String READ =
            "SELECT key, gave_up, gave_up_since, failing_since, state FROM webhook" + " WHERE account = ? AND name = ?";
    private static final String WRITE =
            "UPDATE webhook SET gave_up = ?, gave_up_since = ?, failing_since = ? WHERE key = ?";
    private static final String WELL = "UPDATE webhook SET gave_up = 0, gave_up_since = NULL, failing_since = NULL,"
            + " unwell_since = NULL WHERE key = ?";
    private static final String OPEN =
            "UPDATE webhook SET half_open = FALSE WHERE key = ? AND state = 'active' AND since <= ?";
    private static final String UNWELL = "SELECT x.row, w.key, w.unwell_since, w.state = 'active'"
            + " FROM unnest(?, ?, ?) x(row, account, name) JOIN webhook w ON w.account = x.account AND w.name = x.name";
    private static final String FIRST_FAILURE =
            "UPDATE webhook SET unwell_since = ? WHERE key = ANY (?) AND unwell_since IS NULL";
    private static final String INSERT_NOTICE =
            "INSERT INTO notice (webhook, type, at, since, reason) VALUES (?, ?, ?, ?, ?)";

    private final Names names;

    Healths(Names names) {
        this.names = names;
    }

    private record Health(int key, int gaveUp, Long gaveUpSince, Long failingSince, boolean disabled) {}

    /** Deliveries arrived, one for each webhook. What was sent before it was resumed does not tell that its receiver is back. */
    void well(Connection connection, List<TryResult> arrived, long now) throws SQLException {
        if (arrived.isEmpty()) {
            return;
        }
        List<Integer> numbers = new ArrayList<>(arrived.size());
        List<Integer> accounts = new ArrayList<>(arrived.size());
        for (TryResult result : arrived) {
            numbers.add(numbers.size());
            accounts.add(names.account(result.webhook().account()));
        }
        List<Better> better = new ArrayList<>();
        try (PreparedStatement statement = Columns.prepared(
                        connection,
                        BETTER,
                        Columns.ints(numbers, number -> number),
                        Columns.ints(accounts, key -> key),
                        Columns.texts(arrived, result -> result.webhook().name()));
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                better.add(new Better(
                        arrived.get(rows.getInt(1)),
                        rows.getInt(2),
                        Columns.millis(rows, 3),
                        rows.getBoolean(4),
                        rows.getBoolean(5)));
            }
        }
        for (Better one : better) {
            better(connection, one, now);
        }
    }

    /** A webhook whose delivery arrived, and what was written of it before. */
    private record Better(TryResult arrived, int key, Long failingSince, boolean halfOpen, boolean unwell) {}

    private static void better(Connection connection, Better one, long now) throws SQLException {
        if (one.halfOpen()) {
            Columns.update(connection, OPEN, one.key(), one.arrived().attempt().startedAt());
        }
        if (one.unwell() && one.arrived().health() == TryResult.Health.WELL) {
            if (one.failingSince() != null) {
                insert(
                        connection,
                        one.key(),
                        Notice.Type.RECOVERED,
                        now,
                        one.failingSince(),
                        "a delivery has arrived again");
            }
            Columns.update(connection, WELL, one.key());
        }
    }

    /** A try was recorded that did not arrive, or that disables its webhook. */
    void tried(Connection connection, TryResult result, long now) throws SQLException {
        Health before = read(connection, result.webhook());
        switch (result.health()) {
            case GAVE_UP -> gaveUp(connection, result, before, now);
            case FAILING -> failing(connection, result, before, now);
            default -> {}
        }
        if (result.disableWebhook() != null && result.health() != TryResult.Health.UNTOLD && !before.disabled()) {
            insert(connection, before.key(), Notice.Type.DISABLED, now, now, result.disableWebhook());
        }
    }

    /**
     * Tries of webhooks failed, the last that is known of each.
     *
     * @return by delivery, why its webhook is to be disabled, since it has failed for too long
     */
    Map<String, String> failed(Connection connection, List<TryResult> results, long now) throws SQLException {
        Map<String, String> breaking = new HashMap<>();
        if (results.isEmpty()) {
            return breaking;
        }
        List<Integer> numbers = new ArrayList<>(results.size());
        List<Integer> accounts = new ArrayList<>(results.size());
        for (TryResult result : results) {
            numbers.add(numbers.size());
            accounts.add(names.account(result.webhook().account()));
        }
        List<Integer> first = new ArrayList<>();
        try (PreparedStatement statement = Columns.prepared(
                        connection,
                        UNWELL,
                        Columns.ints(numbers, number -> number),
                        Columns.ints(accounts, key -> key),
                        Columns.texts(results, result -> result.webhook().name()));
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                TryResult result = results.get(rows.getInt(1));
                Long since = Columns.millis(rows, 3);
                if (since == null) {
                    first.add(rows.getInt(2));
                } else if (rows.getBoolean(4) && result.disableWebhook() == null) {
                    Optional<String> reason = Breaking.of(result, since, now);
                    if (reason.isPresent()) {
                        breaking.put(result.delivery(), reason.get());
                        insert(connection, rows.getInt(2), Notice.Type.DISABLED, now, since, reason.get());
                    }
                }
            }
        }
        if (!first.isEmpty()) {
            Columns.update(connection, FIRST_FAILURE, now, Columns.ints(first, key -> key));
        }
        return breaking;
    }

    private void gaveUp(Connection connection, TryResult result, Health before, long now) throws SQLException {
        int gaveUp = before.gaveUp() + 1;
        long since = before.gaveUp() == 0 ? now : before.gaveUpSince();
        Long failingSince = before.failingSince();
        if (failingSince == null && gaveUp >= FAILING_AFTER) {
            String reason = gaveUp + " deliveries in a row gave up, the last one because: " + result.reason();
            insert(connection, before.key(), Notice.Type.FAILING, now, since, reason);
            failingSince = since;
        }
        write(connection, before.key(), gaveUp, since, failingSince);
    }

    private void failing(Connection connection, TryResult result, Health before, long now) throws SQLException {
        if (before.failingSince() == null) {
            insert(connection, before.key(), Notice.Type.FAILING, now, now, result.reason());
            write(connection, before.key(), before.gaveUp(), before.gaveUpSince(), now);
        }
    }

    private Health read(Connection connection, WebhookId webhook) throws SQLException {
        names.webhook(webhook);
        try (PreparedStatement statement =
                        Columns.prepared(connection, READ, names.account(webhook.account()), webhook.name());
                ResultSet rows = statement.executeQuery()) {
            if (!rows.next()) {
                names.forgetWebhooks();
                throw new SQLException("webhook '" + webhook.name() + "' was renamed at this moment", "40001");
            }
            return new Health(
                    rows.getInt(1),
                    rows.getInt(2),
                    Columns.millis(rows, 3),
                    Columns.millis(rows, 4),
                    rows.getString(5).equals(WebhookState.State.DISABLED.text()));
        }
    }

    private static void write(Connection connection, int key, int gaveUp, Long gaveUpSince, Long failingSince)
            throws SQLException {
        Columns.update(connection, WRITE, gaveUp, gaveUpSince, failingSince, key);
    }

    private static void insert(Connection connection, int webhook, Notice.Type type, long at, long since, String reason)
            throws SQLException {
        Columns.update(connection, INSERT_NOTICE, webhook, type.text(), at, since, reason);
    }
}
