package io.engagementwebhooks.outbox;

import io.engagementwebhooks.ledger.Background;
import io.engagementwebhooks.store.ClusterListener;
import io.engagementwebhooks.webhook.WebhookId;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/** Applies changes by other processes on a shared store to memory. Thread-safe. */
final class ClusterEventHandler implements ClusterListener, AutoCloseable {

    private final OwnershipSync sync;
    private final DueScheduler scheduler;
    private final Background background = new Background("outbox-cluster");
    private final AtomicBoolean isOwnershipSyncScheduled = new AtomicBoolean();
    private final AtomicBoolean isConfigChangeScheduled = new AtomicBoolean();
    private final Discarding discarding;
    private volatile Runnable applyConfig = () -> {};

    /** Discards deliveries of webhooks that this process owns. */
    interface Discarding {
        /** @return the number discarded */
        int discard(WebhookId webhook, List<String> deliveries, String reason);
    }

    ClusterEventHandler(OwnershipSync sync, DueScheduler scheduler, Discarding discarding) {
        this.discarding = discarding;
        this.sync = sync;
        this.scheduler = scheduler;
    }

    /** @param follow applies definitions changed by other processes */
    void onDefinitionsChanged(Runnable follow) {
        applyConfig = follow;
    }

    @Override
    public void due(WebhookId webhook) {
        sync.pollOwned(webhook);
    }

    @Override
    public void dueNow(WebhookId webhook) {
        scheduler.retryNow(webhook);
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
    public void ownershipChanged() {
        sync.revoke();
        if (isOwnershipSyncScheduled.compareAndSet(false, true)) {
            background.retrying(this::syncOwnership);
        }
    }

    private void syncOwnership() {
        isOwnershipSyncScheduled.set(false);
        sync.ownershipChanged();
    }

    @Override
    public void configChanged() {
        if (isConfigChangeScheduled.compareAndSet(false, true)) {
            background.retrying(this::applyDefinitions);
        }
    }

    private void applyDefinitions() {
        isConfigChangeScheduled.set(false);
        applyConfig.run();
    }

    @Override
    public CompletionStage<Integer> discard(WebhookId webhook, List<String> deliveries, String reason) {
        try {
            return CompletableFuture.supplyAsync(() -> discarding.discard(webhook, deliveries, reason), background);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public void close() {
        background.close();
    }
}
