package io.engagementwebhooks.outbox;

import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.store.Neighbours;
import io.engagementwebhooks.store.Store;
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
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries over into memory what other processes did to a store that is shared. Thread-safe. */
final class FromOthers implements Neighbours, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(FromOthers.class);
    private static final long RETRY_MS = 1_000;

    private final Store store;
    private final DueDeliveries due;
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
    FromOthers(Store store, DueDeliveries due, Discarding discarding, Runnable fanOuts) {
        this.fanOuts = fanOuts;
        this.discarding = discarding;
        this.store = store;
        this.due = due;
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
        due.look(webhook);
    }

    @Override
    public void dueNow(WebhookId webhook) {
        due.dueAgainstHold(webhook);
    }

    @Override
    public void fannedOut() {
        fanOuts.run();
    }

    @Override
    public void changed(WebhookId webhook) {
        untilItWorks(() -> due.agree(webhook), 0);
    }

    @Override
    public void missed() {
        untilItWorks(
                () -> store.outcomes().webhookStates().stream()
                        .filter(state -> !state.equals(due.state(state.webhook())))
                        .forEach(state -> due.agree(state.webhook())),
                0);
    }

    @Override
    public void moved() {
        due.disown();
        if (moving.compareAndSet(false, true)) {
            untilItWorks(this::move, 0);
        }
    }

    private void move() {
        moving.set(false);
        // asked first: what was read before it became ours may be older than what its last owner wrote
        ToLongFunction<WebhookId> terms = store.cluster().ownership().asOfNow();
        long changes = due.changes();
        due.moved(terms, changes, store.outcomes().webhookStates(), store.due().waitingWebhooks());
        fanOuts.run();
    }

    @Override
    public void defined() {
        if (defining.compareAndSet(false, true)) {
            untilItWorks(this::followDefinitions, 0);
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

    private void untilItWorks(Runnable task, long delayMs) {
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
            untilItWorks(task, RETRY_MS);
        } catch (RuntimeException e) {
            LOG.error("what others did cannot be carried over", e);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
