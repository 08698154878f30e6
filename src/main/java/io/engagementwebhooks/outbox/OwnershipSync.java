package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.Ownership;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.WaitingWebhook;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.webhook.WebhookId;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Synchronizes the queues with the ownership and state of webhooks in the store. Deliveries in memory belong to the
 * epoch in which they were read; a process that lost a webhook, even briefly, reads them again. Thread-safe.
 */
final class OwnershipSync {

    private final Store store;
    private final Ownership ownership;
    private final WebhookQueues queues;
    private final DueScheduler scheduler;
    private long changes;

    OwnershipSync(Store store, WebhookQueues queues, DueScheduler scheduler) {
        this.store = store;
        this.ownership = queues.ownership();
        this.queues = queues;
        this.scheduler = scheduler;
    }

    /** Acquires the queues of the webhooks that this process owns now. */
    void ownershipChanged() {
        // before the store is read: rows read before this process became the owner may be outdated
        ToLongFunction<WebhookId> epochs = ownership.asOfNow();
        long changesBefore = changes();
        ownershipChanged(
                epochs,
                changesBefore,
                store.outcomes().webhookStates(),
                store.due().waitingWebhooks());
    }

    /**
     * @param epochs in which this process owned webhooks before the following was read
     * @param changesBefore the number of changes before the states were read; states changed since are newer
     * @param states the stored states
     * @param waiting webhooks of this process with pending deliveries
     */
    void ownershipChanged(
            ToLongFunction<WebhookId> epochs,
            long changesBefore,
            List<WebhookState> states,
            List<WaitingWebhook> waiting) {
        scheduler.change(() -> {
            for (WebhookState read : states) {
                WebhookQueue queue = queues.of(read.webhook());
                RunState state = queue.state();
                if (state.isOwned() && state.epoch() == ownership.epoch(read.webhook())) {
                    queue.restore(read);
                } else if (state.lastChange() <= changesBefore) {
                    queue.change(read);
                }
            }
            queues.all().forEach(queue -> {
                long epoch = ownership.epoch(queue.webhook());
                boolean isKnown = epoch == queue.state().epoch() || epoch == epochs.applyAsLong(queue.webhook());
                setEpoch(queue, isKnown ? epoch : 0);
            });
            waiting.forEach(each ->
                    queues.dueInStore(queues.of(each.webhook()), each.firstDue().toEpochMilli()));
        });
    }

    /** Stops the dispatch of webhooks that this process lost; {@link #ownershipChanged} starts that of new ones. */
    void revoke() {
        scheduler.change(() -> queues.all().stream()
                .filter(queue -> queue.state().isOwned())
                .filter(queue -> queue.state().epoch() != ownership.epoch(queue.webhook()))
                .forEach(queue -> setEpoch(queue, 0)));
    }

    private void setEpoch(WebhookQueue queue, long epoch) {
        if (queue.state().epoch() != epoch) {
            scheduler.returnToStore(queue);
            queue.epoch(epoch);
        }
        if (!queue.state().isOwned()) {
            queues.storeBacklog(queue, 0);
        }
        scheduler.enter(queue);
        queues.wakeIfDue(queue);
    }

    /** Signals that another process may have stored due deliveries of a webhook. */
    void pollOwned(WebhookId webhook) {
        queues.locked(() -> {
            WebhookQueue queue = queues.of(webhook);
            if (queue.state().isOwned()) {
                queues.pollFromStart(queue);
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
