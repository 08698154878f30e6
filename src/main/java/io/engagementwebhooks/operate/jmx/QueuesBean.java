package io.engagementwebhooks.operate.jmx;

import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.webhook.Webhook;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** Thread-safe. */
final class QueuesBean implements Queues {

    private static final int MOST = 1_000;

    private final Known known;
    private final Outbox outbox;

    QueuesBean(Known known, Outbox outbox) {
        this.known = known;
        this.outbox = outbox;
    }

    @Override
    public long getWaiting() {
        return known.store().waitingCount();
    }

    @Override
    public long getDue() {
        return outbox.backlog();
    }

    @Override
    public Map<String, Long> deepest(int limit) {
        if (limit < 1 || limit > MOST) {
            throw new IllegalArgumentException("limit must be from 1 to " + MOST + ", not " + limit);
        }
        Map<String, Long> deepest = new LinkedHashMap<>();
        known.store()
                .mostWaiting(limit)
                .forEach((webhook, waiting) -> deepest.put(webhook.account() + "/" + webhook.name(), waiting));
        return deepest;
    }

    @Override
    public Map<String, Long> waiting(String account) {
        Map<String, Long> waiting = new TreeMap<>();
        known.setUp().get().webhooks(known.account(account)).forEach(webhook -> waiting.put(webhook.name(), 0L));
        waiting.putAll(known.store()
                .waiting(
                        account,
                        known.setUp().get().webhooks(account).stream()
                                .map(Webhook::name)
                                .toList()));
        return waiting;
    }
}
