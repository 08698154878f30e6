package io.engagementwebhooks.operate.jmx;

import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.api.management.ManagedAttribute;
import org.apache.camel.api.management.ManagedOperation;
import org.apache.camel.api.management.ManagedResource;

/** Queued deliveries. Thread-safe. */
@ManagedResource(description = "Queued deliveries")
public record Queues(JmxLookup known, Outbox outbox) {

    private static final int MOST = 1_000;

    @ManagedAttribute(description = "Pending deliveries of all instances, due or not")
    public long getPending() {
        return known.store().waitingCount();
    }

    @ManagedAttribute(description = "Deliveries due now, as known to this instance")
    public long getDue() {
        return outbox.backlog();
    }

    @ManagedOperation(
            description =
                    "The webhooks with the most pending deliveries of all instances, largest first, as account/webhook. Parameter: how many")
    public Map<String, Long> largest(int limit) {
        if (limit < 1 || limit > MOST) {
            throw new IllegalArgumentException("limit must be from 1 to " + MOST + ", not " + limit);
        }
        Map<String, Long> largest = new LinkedHashMap<>();
        known.store()
                .backlogs()
                .largestBacklogs(limit)
                .forEach((webhook, waiting) ->
                        largest.merge(webhook.account() + "/" + webhook.name(), waiting, Long::sum));
        return largest;
    }

    @ManagedOperation(description = "Pending deliveries of an account by webhook; 10000: that many or more")
    public Map<String, Long> pending(String account) {
        Map<String, Long> waiting = new TreeMap<>();
        List<WebhookId> webhooks = known.config().get().webhooks(known.account(account)).stream()
                .map(Webhook::id)
                .toList();
        Map<WebhookId, Long> pending = known.store().backlogs().pendingCounts(webhooks);
        webhooks.forEach(webhook -> waiting.put(webhook.name(), pending.getOrDefault(webhook, 0L)));
        return waiting;
    }
}
