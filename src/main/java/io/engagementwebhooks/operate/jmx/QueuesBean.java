package io.engagementwebhooks.operate.jmx;

import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Thread-safe. */
final class QueuesBean implements Queues {

    private static final int MOST = 1_000;

    private final JmxLookup known;
    private final Outbox outbox;

    QueuesBean(JmxLookup known, Outbox outbox) {
        this.known = known;
        this.outbox = outbox;
    }

    @Override
    public long getPending() {
        return known.store().waitingCount();
    }

    @Override
    public long getDue() {
        return outbox.backlog();
    }

    @Override
    public Map<String, Long> largest(int limit) {
        if (limit < 1 || limit > MOST) {
            throw new IllegalArgumentException("limit must be from 1 to " + MOST + ", not " + limit);
        }
        Map<String, Long> largest = new LinkedHashMap<>();
        known.store()
                .deliveries()
                .largestBacklogs(limit)
                .forEach((webhook, waiting) ->
                        largest.merge(webhook.account() + "/" + webhook.name(), waiting, Long::sum));
        return largest;
    }

    @Override
    public Map<String, Long> pending(String account) {
        Map<String, Long> waiting = new TreeMap<>();
        List<WebhookId> webhooks = known.config().get().webhooks(known.account(account)).stream()
                .map(Webhook::id)
                .toList();
        Map<WebhookId, Long> pending = known.store().deliveries().pendingCounts(webhooks);
        webhooks.forEach(webhook -> waiting.put(webhook.name(), pending.getOrDefault(webhook, 0L)));
        return waiting;
    }
}
