package io.engagementwebhooks.store.sqlite;

import io.engagementwebhooks.store.Notice;
import io.engagementwebhooks.store.RetentionLimits;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts, while retention walks through what waits, the deliveries that it will give up soon, so that their accounts are
 * told before. Deliveries of the product's own events are not counted.
 */
final class Expiring {

    private final Map<Long, Webhook> webhooks = new HashMap<>();

    /**
     * What of a webhook will be given up soon.
     *
     * @param key the webhook
     * @param deliveries how many
     * @param since when the first of them was accepted or last replayed
     * @param firstEnd when that one will be given up
     */
    record Webhook(long key, long deliveries, long since, Instant firstEnd) {

        private static Webhook both(Webhook one, Webhook other) {
            Webhook first = one.since <= other.since ? one : other;
            return new Webhook(one.key, one.deliveries + other.deliveries, first.since, first.firstEnd);
        }
    }

    void clear() {
        webhooks.clear();
    }

    List<Webhook> all() {
        return List.copyOf(webhooks.values());
    }

    void add(List<Reads.WaitingDelivery> waiting, RetentionLimits limits) {
        Duration longest = Duration.between(limits.waitingBefore(), limits.now());
        long from = limits.waitingBefore().toEpochMilli();
        long before = limits.expiringBefore().toEpochMilli();
        for (Reads.WaitingDelivery delivery : waiting) {
            if (delivery.startedAt() >= from && delivery.startedAt() < before && !delivery.ours()) {
                Instant end = Instant.ofEpochMilli(delivery.startedAt()).plus(longest);
                webhooks.merge(
                        delivery.webhook(),
                        new Webhook(delivery.webhook(), 1, delivery.startedAt(), end),
                        Webhook::both);
            }
        }
    }

    /** Notes what is to be told, unless the same was noted before and is not told yet. */
    static void write(Connection connection, List<Webhook> webhooks, long now) throws SQLException {
        if (webhooks.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO notice (webhook, type, at, since, reason, deliveries) SELECT ?1, ?2, ?3, ?4, ?5, ?6"
                        + " WHERE NOT EXISTS (SELECT 1 FROM notice WHERE webhook = ?1 AND type = ?2)")) {
            for (Webhook webhook : webhooks) {
                statement.setLong(1, webhook.key());
                statement.setString(2, Notice.Type.EXPIRING.text());
                statement.setLong(3, now);
                statement.setLong(4, webhook.since());
                statement.setString(
                        5,
                        "deliveries have waited nearly as long as webhooks.retention.waiting allows and will be given up"
                                + " soon, the first at " + webhook.firstEnd());
                statement.setLong(6, webhook.deliveries());
                statement.executeUpdate();
            }
        }
    }
}
