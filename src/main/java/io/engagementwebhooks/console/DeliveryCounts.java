package io.engagementwebhooks.console;

import io.engagementwebhooks.store.BackgroundCountCache;
import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Counts deliveries of accounts by state, in the background: counting reads every stored delivery. Thread-safe. */
final class DeliveryCounts implements AutoCloseable {

    private final Store store;
    private final BackgroundCountCache<String, Result> counted;

    DeliveryCounts(Store store, Clock clock) {
        this.store = store;
        this.counted = new BackgroundCountCache<>("deliveries-counting", this::count, clock);
    }

    private record Result(Map<WebhookId, Map<DeliveryState, Long>> byWebhook, Map<DeliveryState, Long> total) {}

    /**
     * Counts of an account.
     *
     * @param byWebhook webhooks with deliveries
     * @param total of all webhooks
     * @param at when the count began
     */
    record Counts(Map<WebhookId, Map<DeliveryState, Long>> byWebhook, Map<DeliveryState, Long> total, Instant at) {}

    /** Counts by account; an account that is being counted for the first time is left out. */
    Map<String, Counts> of(Collection<String> accounts) {
        Map<String, Counts> known = new HashMap<>();
        counted.of(accounts)
                .forEach((account, last) -> known.put(
                        account,
                        new Counts(last.value().byWebhook(), last.value().total(), last.at())));
        return known;
    }

    private Result count(String account) {
        Map<WebhookId, Map<DeliveryState, Long>> byWebhook = store.deliveries().countsByState(List.of(account));
        Map<DeliveryState, Long> total = new EnumMap<>(DeliveryState.class);
        byWebhook.values().forEach(webhook -> webhook.forEach((state, count) -> total.merge(state, count, Long::sum)));
        return new Result(byWebhook, total);
    }

    @Override
    public void close() {
        counted.close();
    }
}
