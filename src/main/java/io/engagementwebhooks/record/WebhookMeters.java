package io.engagementwebhooks.record;

import io.engagementwebhooks.webhook.WebhookId;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts the tries of each webhook by how they ended, of as many webhooks as have labels of their own: the first that are
 * tried. Those of all others are added up, since each label is a time series for ever. Thread-safe.
 */
final class WebhookMeters {

    private static final WebhookId OTHERS = new WebhookId("others", "others");

    private final MeterRegistry meters;
    private final int most;
    private final Map<WebhookId, Map<String, Counter>> counters = new ConcurrentHashMap<>();
    private final Map<String, Counter> others = new ConcurrentHashMap<>();

    WebhookMeters(MeterRegistry meters, int most) {
        this.meters = meters;
        this.most = most;
    }

    void tried(WebhookId webhook, String outcome) {
        Map<String, Counter> own = counters.get(webhook);
        if (own == null) {
            own = counted(webhook);
        }
        WebhookId shown = own == others ? OTHERS : webhook;
        own.computeIfAbsent(outcome, ended -> counter(shown, ended)).increment();
    }

    private synchronized Map<String, Counter> counted(WebhookId webhook) {
        return counters.size() < most
                ? counters.computeIfAbsent(webhook, first -> new ConcurrentHashMap<>())
                : counters.getOrDefault(webhook, others);
    }

    private Counter counter(WebhookId webhook, String outcome) {
        return Counter.builder("webhooks.webhook.tries")
                .description("Tries of deliveries of a webhook by how they ended; of webhooks beyond"
                        + " webhooks.metrics.webhooks under the name others")
                .tag("account", webhook.account())
                .tag("webhook", webhook.name())
                .tag("outcome", outcome)
                .register(meters);
    }
}
