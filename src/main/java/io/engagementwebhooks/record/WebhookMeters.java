package io.engagementwebhooks.record;

import io.engagementwebhooks.webhook.WebhookId;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts attempts by webhook and outcome, for a limited number of webhooks: the first ones with attempts. The others
 * share one label, since each label is a time series forever. Thread-safe.
 */
final class WebhookMeters {

    private static final Labels OVERFLOW = new Labels("others", "others");

    private final MeterRegistry meters;
    private final int max;
    private final Map<Labels, Map<String, Counter>> counters = new ConcurrentHashMap<>();
    private final Map<String, Counter> others = new ConcurrentHashMap<>();

    /** The labels of a webhook, which change with its name. */
    private record Labels(String account, String webhook) {}

    WebhookMeters(MeterRegistry meters, int most) {
        this.meters = meters;
        this.max = most;
    }

    void tried(WebhookId webhook, String outcome) {
        Labels labels = new Labels(webhook.account(), webhook.name());
        Map<String, Counter> own = counters.get(labels);
        if (own == null) {
            own = countersOf(labels);
        }
        Labels shown = own == others ? OVERFLOW : labels;
        own.computeIfAbsent(outcome, ended -> counter(shown, ended)).increment();
    }

    private synchronized Map<String, Counter> countersOf(Labels labels) {
        return counters.size() < max
                ? counters.computeIfAbsent(labels, first -> new ConcurrentHashMap<>())
                : counters.getOrDefault(labels, others);
    }

    private Counter counter(Labels labels, String outcome) {
        return Counter.builder("webhooks.webhook.attempts")
                .description("Attempts of a webhook by outcome; those of webhooks beyond"
                        + " webhooks.metrics.webhooks under the name others")
                .tag("account", labels.account())
                .tag("webhook", labels.webhook())
                .tag("outcome", outcome)
                .register(meters);
    }
}
