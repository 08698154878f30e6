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
    private final AtomicBoolean moving = new AtomicBoolean();
    private final AtomicBoolean defining = new AtomicBoolean();
    private final Discarding discarding;
    private final Runnable fanOuts;
    private volatile Runnable definitions = () -> {};

    /** Discards deliveries of webhooks that this process owns. */
    interface Discarding {
        /** @return the number discarded */
        int discard(WebhookId webhook, List<String> deliveries, String reason);
    }

    /** @param fanOuts inserts pending fan-outs of this process */
    ClusterEventHandler(OwnershipSync sync, DueScheduler scheduler, Discarding discarding, Runnable fanOuts) {
        this.fanOuts = fanOuts;
        this.discarding = discarding;
        this.sync = sync;
        this.scheduler = scheduler;
    }

    /** @param follow applies definitions changed by other processes */
    void define(Runnable follow) {
        definitions = follow;
    }

    @Override
    public void due(WebhookId webhook) {
        sync.dueElsewhere(webhook);
    }

    @Override
    public void dueNow(WebhookId webhook) {
        scheduler.dueAgainstHold(webhook);
    }

    @Override
    public void fannedOut() {
        fanOuts.run();
    }

    @Override
    public void changed(WebhookId webhook) {
        background.retrying(() -> sync.reconcile(webhook));
    }

    @Override
    public void missed() {
        background.retrying(sync::reconcileAll);
    }

    @Override
    public void ownershipChanged() {
        sync.revoke();
        if (moving.compareAndSet(false, true)) {
            background.retrying(this::move);
        }
    }

    private void move() {
        moving.set(false);
        sync.ownershipChanged();
        fanOuts.run();
    }

    @Override
    public void defined() {
        if (defining.compareAndSet(false, true)) {
            background.retrying(this::followDefinitions);
        }
    }

    private void followDefinitions() {
        defining.set(false);
        definitions.run();
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
