package io.engagementwebhooks.store.sqlite;

import io.engagementwebhooks.store.Breaking;
import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.store.Notice;
import io.engagementwebhooks.store.TryResult;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How webhooks do, by the ends of their deliveries, and the notices that come of it. A webhook that does well costs one
 * look into a map. Used by the writer thread alone.
 */
final class Healths {

    /** So many deliveries that give up one after the other make a webhook failing. */
    static final int FAILING_AFTER = 5;

    private static final String READ =
            "SELECT gave_up, gave_up_since, failing_since, unwell_since, half_open FROM webhook WHERE key = ?";
    private static final String WRITE =
            "UPDATE webhook SET gave_up = ?, gave_up_since = ?, failing_since = ?, unwell_since = ? WHERE key = ?";
    private static final String OPEN =
            "UPDATE webhook SET half_open = 0 WHERE key = ? AND state = 'active' AND since <= ?";
    private static final String INSERT_NOTICE =
            "INSERT INTO notice (webhook, type, at, since, reason, deliveries) VALUES (?, ?, ?, ?, ?, ?)";

    private final Connection connection;
    private final Names names;
    private final Map<WebhookId, Health> known = new HashMap<>();

    Healths(Connection connection, Names names) {
        this.connection = connection;
        this.names = names;
    }

    /** Forgets all: a transaction was rolled back, or a name has changed. */
    void forget() {
        known.clear();
    }

    /** @param gaveUp deliveries in a row; the others are null while they do not apply, and milliseconds */
    private record Health(int gaveUp, Long gaveUpSince, Long failingSince, Long unwellSince, boolean halfOpen) {
        static Health good(boolean halfOpen) {
            return new Health(0, null, null, null, halfOpen);
        }

        Health gaveUp(int times, long since) {
            return new Health(times, since, failingSince, unwellSince, halfOpen);
        }

        Health failingSince(long since) {
            return new Health(gaveUp, gaveUpSince, since, unwellSince, halfOpen);
        }

        Health unwellSince(long since) {
            return new Health(gaveUp, gaveUpSince, failingSince, since, halfOpen);
        }
    }

    /** A try was recorded. @return why the webhook is to be disabled, since it has failed for too long, or null */
    String tried(TryResult result, long now) throws SQLException {
        if (result.state() == DeliveryState.DELIVERED) {
            arrived(result);
        }
        switch (result.health()) {
            case WELL -> well(result.webhook(), now);
            case GAVE_UP -> gaveUp(result, now);
            case FAILING -> failing(result, now);
            default -> {}
        }
        if (result.disableWebhook() != null
                && result.health() != TryResult.Health.UNTOLD
                && !isDisabled(result.webhook())) {
            insert(result.webhook(), Notice.Type.DISABLED, now, now, result.disableWebhook());
        }
        return result.hasFailed() ? failed(result, now) : null;
    }

    /** What was sent before somebody resumed the webhook does not tell that its receiver is back. */
    private void arrived(TryResult result) throws SQLException {
        if (health(result.webhook()).halfOpen()) {
            try (PreparedStatement statement = connection.prepareStatement(OPEN)) {
                statement.setInt(1, names.webhook(connection, result.webhook()));
                statement.setLong(2, result.attempt().startedAt().toEpochMilli());
                if (statement.executeUpdate() > 0) {
                    forget(result.webhook());
                }
            }
        }
    }

    private String failed(TryResult result, long now) throws SQLException {
        Health health = health(result.webhook());
        if (health.unwellSince() == null) {
            write(result.webhook(), health.unwellSince(now));
            return null;
        }
        Optional<String> reason = Breaking.of(result, health.unwellSince(), now);
        if (reason.isEmpty() || result.disableWebhook() != null || !isActive(result.webhook())) {
            return null;
        }
        insert(result.webhook(), Notice.Type.DISABLED, now, health.unwellSince(), reason.get());
        return reason.get();
    }

    private boolean isActive(WebhookId webhook) throws SQLException {
        return state(webhook).equals(WebhookState.State.ACTIVE.text());
    }

    /** Forgets one: its state is changed, and what was before says no more how its receiver does. */
    void forget(WebhookId webhook) {
        known.remove(webhook);
    }

    /** Several in flight may be told that the receiver is gone; the first of them disables the webhook. */
    private boolean isDisabled(WebhookId webhook) throws SQLException {
        return state(webhook).equals(WebhookState.State.DISABLED.text());
    }

    private String state(WebhookId webhook) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT state FROM webhook WHERE key = ?")) {
            statement.setInt(1, names.webhook(connection, webhook));
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getString(1);
            }
        }
    }

    private void well(WebhookId webhook, long now) throws SQLException {
        Health health = health(webhook);
        Health good = Health.good(health.halfOpen());
        if (health.equals(good)) {
            return;
        }
        if (health.failingSince() != null) {
            insert(webhook, Notice.Type.RECOVERED, now, health.failingSince(), "a delivery has arrived again");
        }
        write(webhook, good);
    }

    private void gaveUp(TryResult result, long now) throws SQLException {
        Health before = health(result.webhook());
        long since = before.gaveUp() == 0 ? now : before.gaveUpSince();
        Health health = before.gaveUp(before.gaveUp() + 1, since);
        if (health.failingSince() == null && health.gaveUp() >= FAILING_AFTER) {
            String reason = health.gaveUp() + " deliveries in a row gave up, the last one because: " + result.reason();
            insert(result.webhook(), Notice.Type.FAILING, now, since, reason);
            health = health.failingSince(since);
        }
        write(result.webhook(), health);
    }

    private void failing(TryResult result, long now) throws SQLException {
        Health before = health(result.webhook());
        if (before.failingSince() == null) {
            insert(result.webhook(), Notice.Type.FAILING, now, now, result.reason());
            write(result.webhook(), before.failingSince(now));
        }
    }

    private Health health(WebhookId webhook) throws SQLException {
        Health health = known.get(webhook);
        if (health != null) {
            return health;
        }
        try (PreparedStatement statement = connection.prepareStatement(READ)) {
            statement.setInt(1, names.webhook(connection, webhook));
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                Health read = new Health(
                        rows.getInt(1), millis(rows, 2), millis(rows, 3), millis(rows, 4), rows.getBoolean(5));
                known.put(webhook, read);
                return read;
            }
        }
    }

    private static Long millis(ResultSet row, int column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? null : millis;
    }

    private void write(WebhookId webhook, Health health) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(WRITE)) {
            statement.setInt(1, health.gaveUp());
            statement.setObject(2, health.gaveUpSince());
            statement.setObject(3, health.failingSince());
            statement.setObject(4, health.unwellSince());
            statement.setInt(5, names.webhook(connection, webhook));
            statement.executeUpdate();
        }
        known.put(webhook, health);
    }

    private void insert(WebhookId webhook, Notice.Type type, long at, long since, String reason) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(INSERT_NOTICE)) {
            statement.setInt(1, names.webhook(connection, webhook));
            statement.setString(2, type.text());
            statement.setLong(3, at);
            statement.setLong(4, since);
            statement.setString(5, reason);
            statement.setNull(6, Types.INTEGER);
            statement.executeUpdate();
        }
    }
}
