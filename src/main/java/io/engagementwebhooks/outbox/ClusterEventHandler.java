package io.engagementwebhooks.outbox;

import io.engagementwebhooks.ledger.Background;
import io.engagementwebhooks.store.cluster.ClusterListener;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** Applies changes by other processes on a shared store to memory. Thread-safe. */
final class ClusterEventHandler implements ClusterListener, AutoCloseable {

    private final OwnershipSync sync;
    private final DueScheduler scheduler;
    private final Background background = new Background("outbox-cluster");
    private final AtomicBoolean isOwnershipSyncScheduled = new AtomicBoolean();
    private volatile Runnable applyConfig = () -> {};

    ClusterEventHandler(OwnershipSync sync, DueScheduler scheduler) {
        this.sync = sync;
        this.scheduler = scheduler;
    }

    /** @param follow applies definitions changed by other processes; returns at once */
    void onDefinitionsChanged(Runnable follow) {
        applyConfig = follow;
    }

    @Override
    public void due(WebhookId webhook) {
        sync.pollOwned(webhook);
    }

    @Override
    public void due(WebhookId webhook, Instant since) {
        sync.pollOwned(webhook, since);
    }

    @Override
    public void dueNow(WebhookId webhook) {
        scheduler.retryNow(webhook);
    }

    @Override
    public void canceled(WebhookId webhook, List<String> deliveries) {
        sync.canceled(webhook, deliveries);
    }

    @Override
    public void stateChanged(WebhookId webhook) {
        background.retrying(() -> sync.reconcile(webhook));
    }

    @Override
    public void eventsMissed() {
        background.retrying(sync::reconcileAll);
    }

    @Override
    public void ownershipChanged(BitSet partitions) {
        sync.ownershipChanged(partitions);
        if (isOwnershipSyncScheduled.compareAndSet(false, true)) {
            background.retrying(this::syncOwnership);
        }
    }

    private void syncOwnership() {
        isOwnershipSyncScheduled.set(false);
        sync.acquire();
    }

    @Override
    public BitSet inFlight() {
        return scheduler.partitionsInFlight();
    }

    @Override
    public void configChanged() {
        applyConfig.run();
    }

    @Override
    public void close() {
        background.close();
    }
}
