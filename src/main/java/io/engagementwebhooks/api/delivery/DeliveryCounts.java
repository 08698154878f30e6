package io.engagementwebhooks.api.delivery;

import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;

/**
 * Deliveries of an account by state.
 *
 * @param byWebhook webhooks with deliveries
 * @param total of all webhooks
 * @param at when the count began
 */
public record DeliveryCounts(
        Map<WebhookId, Map<DeliveryState, Long>> byWebhook, Map<DeliveryState, Long> total, Instant at) {

    /** Reads every stored delivery of the account. */
    public static DeliveryCounts of(Store store, Clock clock, String account) {
        Instant at = clock.instant();
        Map<WebhookId, Map<DeliveryState, Long>> byWebhook = store.backlogs().countsByState(account);
        Map<DeliveryState, Long> total = new EnumMap<>(DeliveryState.class);
        byWebhook.values().forEach(webhook -> webhook.forEach((state, count) -> total.merge(state, count, Long::sum)));
        return new DeliveryCounts(byWebhook, total, at);
    }
}
