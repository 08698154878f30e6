package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.cluster.Ownership;
import io.engagementwebhooks.store.due.WaitingWebhook;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;

/**
 * Synchronizes the queues with the ownership and state of webhooks in the store. A process that lost a webhook, even briefly,
 * reads its deliveries again. Thread-safe.
 */
final class OwnershipSync {

    /** For the time of a commit and the difference of clocks. A read passes the rows that were removed since. */
    private static final Duration RECENT = Duration.ofSeconds(5);

    private final Store store;
    private final WebhookQueues queues;
    private final DueScheduler scheduler;
    private BitSet owned = new BitSet();
    private long changes;

    OwnershipSync(Store store, WebhookQueues queues, DueScheduler scheduler) {
        this.store = store;
        this.queues = queues;
        this.scheduler = scheduler;
    }

    /** Begins no more deliveries of the other partitions. {@link #acquire} begins those of new ones. */
    void ownershipChanged(BitSet partitions) {
        scheduler.change(() -> {
            owned = partitions;
            queues.all().stream()
                    .filter(queue -> queue.state().isOwned() && !isOwned(queue))
                    .forEach(queue -> setOwned(queue, false));
        });
    }

    private boolean isOwned(WebhookQueue queue) {
        return owned.get(Ownership.partition(queue.webhook()));
    }

    /** Acquires the queues of the webhooks that this process owns. */
    void acquire() {
        BitSet before = queues.locked(() -> owned);
        acquire(before, changes(), store.outcomes().webhookStates(), store.due().waitingWebhooks());
    }

    /**
     * @param before the partitions that were owned before the following was read; if they have changed since, another call follows
     * @param changesBefore the number of changes before the states were read; states changed since are newer
     * @param states the stored states
     * @param waiting webhooks of this process with pending deliveries
     */
    void acquire(BitSet before, long changesBefore, List<WebhookState> states, List<WaitingWebhook> waiting) {
        scheduler.change(() -> {
            if (owned != before) {
                return;
            }
            for (WebhookState read : states) {
                WebhookQueue queue = queues.of(read.webhook());
                if (queue.state().isOwned()) {
                    queue.restore(read);
                } else if (queue.state().lastChange() <= changesBefore) {
                    queue.change(read);
                }
            }
            queues.all().forEach(queue -> setOwned(queue, isOwned(queue)));
            waiting.forEach(each ->
                    queues.dueInStore(queues.of(each.webhook()), each.firstDue().toEpochMilli()));
        });
    }

    private void setOwned(WebhookQueue queue, boolean isOwned) {
        if (queue.state().isOwned() && !isOwned) {
            endEpoch(queue);
            queues.storeBacklog(queue, 0);
        }
        queue.state().owned(isOwned);
        scheduler.enter(queue);
        queues.wakeIfDue(queue);
    }

    private void endEpoch(WebhookQueue queue) {
        scheduler.returnToStore(queue);
        queue.endEpoch();
    }

    /** Drops canceled deliveries of a webhook, and reads its ready ones again. */
    void canceled(WebhookId webhook, List<String> deliveries) {
        scheduler.change(() -> {
            WebhookQueue queue = queues.of(webhook);
            if (queue.state().isOwned()) {
                scheduler.returnToStore(queue);
                scheduler.canceled(queue, deliveries);
                queues.pollFromStart(queue);
            }
        });
    }

    /** Signals that deliveries of a webhook, which were stored before, are due. */
    void released(WebhookId webhook) {
        queues.locked(() -> {
            WebhookQueue queue = queues.of(webhook);
            if (queue.state().isOwned()) {
                queues.pollFromStart(queue);
            }
        });
    }

    /** Signals that another process stored deliveries of a webhook a moment ago. A scan finds those that became due before. */
    void pollOwned(WebhookId webhook) {
        pollOwned(webhook, queues.now().minus(RECENT));
    }

    /** Signals that deliveries of a webhook may have become due since a time. */
    void pollOwned(WebhookId webhook, Instant since) {
        queues.locked(() -> {
            WebhookQueue queue = queues.of(webhook);
            if (queue.state().isOwned()) {
                queues.dueInStore(queue, since.toEpochMilli());
            }
        });
    }

    /** Applies the stored state of a webhook to memory, repeatedly if it changes in between. */
    void reconcile(WebhookId webhook) {
        WebhookState before = null;
        while (true) {
            long changesBefore = changes();
            WebhookState stored = store.outcomes().webhookState(webhook).orElse(null);
            if (stored == null || stored.equals(before) || stored.equals(scheduler.state(webhook))) {
                return;
            }
            if (stateChanged(stored, changesBefore)) {
                before = stored;
            }
        }
    }

    /** Reconciles every webhook whose state in memory differs from the store. */
    void reconcileAll() {
        store.outcomes().webhookStates().stream()
                .filter(stored -> !stored.equals(scheduler.state(stored.webhook())))
                .forEach(stored -> reconcile(stored.webhook()));
    }

    /** The number of state changes that were not caused by attempts. */
    long changes() {
        return queues.locked(() -> changes);
    }

    /** Applies a manual change of a webhook's state. */
    void stateChanged(WebhookState state) {
        stateChanged(state, Long.MAX_VALUE);
    }

    /** @param changesBefore the number of changes before it was read. @return false: a later change wins */
    private boolean stateChanged(WebhookState stored, long changesBefore) {
        return scheduler.change(() -> {
            WebhookQueue queue = queues.of(stored.webhook());
            if (queue.state().lastChange() > changesBefore) {
                return false;
            }
            queue.change(stored);
            queue.state().lastChange(++changes);
            scheduler.returnUnlessOpen(queue);
            scheduler.enter(queue);
            queues.wakeIfDue(queue);
            return true;
        });
    }
}
