package io.engagementwebhooks.outbox;

import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.store.ClusterListener;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.webhook.WebhookId;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes over into memory what other processes change in a shared store. Thread-safe. */
final class ClusterEventHandler implements ClusterListener, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterEventHandler.class);
    private static final long RETRY_MS = 1_000;

    private final OwnershipSync sync;
    private final DueScheduler scheduler;
    private final ScheduledExecutorService thread = thread();
    private final AtomicBoolean moving = new AtomicBoolean();
    private final AtomicBoolean defining = new AtomicBoolean();
    private final Discarding discarding;
    private final Runnable fanOuts;
    private volatile Runnable definitions = () -> {};

    /** Discards what is ours. */
    interface Discarding {
        /** @return how many were */
        int discard(WebhookId webhook, List<String> deliveries, String reason);
    }

    /** @param fanOuts inserts what this process is to insert of fan-outs */
    ClusterEventHandler(OwnershipSync sync, DueScheduler scheduler, Discarding discarding, Runnable fanOuts) {
        this.fanOuts = fanOuts;
        this.discarding = discarding;
        this.sync = sync;
        this.scheduler = scheduler;
    }

    /** @param follow takes over what was set up elsewhere */
    void define(Runnable follow) {
        definitions = follow;
    }

    /** It is made with its first task. */
    private static ScheduledExecutorService thread() {
        ScheduledThreadPoolExecutor one = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "outbox-others");
            thread.setDaemon(true);
            return thread;
        });
        one.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        return one;
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
        retrying(() -> sync.reconcile(webhook), 0);
    }

    @Override
    public void missed() {
        retrying(sync::reconcileAll, 0);
    }

    @Override
    public void ownershipChanged() {
        sync.revoke();
        if (moving.compareAndSet(false, true)) {
            retrying(this::move, 0);
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
            retrying(this::followDefinitions, 0);
        }
    }

    private void followDefinitions() {
        defining.set(false);
        definitions.run();
    }

    @Override
    public CompletionStage<Integer> discard(WebhookId webhook, List<String> deliveries, String reason) {
        try {
            return CompletableFuture.supplyAsync(() -> discarding.discard(webhook, deliveries, reason), thread);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void retrying(Runnable task, long delayMs) {
        try {
            thread.schedule(FatalErrors.watched(() -> attempt(task)), delayMs, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("closed", e);
        }
    }

    private void attempt(Runnable task) {
        try {
            task.run();
        } catch (StoreException e) {
            LOG.debug("what others did cannot be read, trying again", e);
            retrying(task, RETRY_MS);
        } catch (RuntimeException e) {
            LOG.error("what others did cannot be carried over", e);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
