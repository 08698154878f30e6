package io.engagementwebhooks.outbox;

import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.webhook.WebhookId;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives webhooks new names, and lets follow what is stored under a former one afterwards: an event that was looked up before
 * the change and waited until it was stored. One renaming does so for all that came by then. Thread-safe.
 */
final class Renames implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Renames.class);
    private static final long RETRY_MS = 1_000;

    private final Store store;
    private final DueDeliveries due;

    /** Former names to present ones. Changed by who holds this object's monitor. */
    private final Map<WebhookId, WebhookId> names = new ConcurrentHashMap<>();

    /** Former names under which something was stored that has not followed yet. */
    private final Set<WebhookId> behind = ConcurrentHashMap.newKeySet();

    private final ScheduledExecutorService thread = thread();

    Renames(Store store, DueDeliveries due) {
        this.store = store;
        this.due = due;
    }

    private static ScheduledExecutorService thread() {
        ScheduledThreadPoolExecutor one = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "outbox-renames");
            thread.setDaemon(true);
            return thread;
        });
        one.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        return one;
    }

    /** Returns after the commit. The former name is known as such before, so that none falls between. */
    synchronized void rename(WebhookId from, WebhookId to) {
        Map<WebhookId, WebhookId> before = Map.copyOf(names);
        names.remove(to);
        names.replaceAll((former, present) -> present.equals(from) ? to : present);
        names.put(from, to);
        try {
            carryOut(from, to);
        } catch (RuntimeException e) {
            // the set-up before this one goes on
            names.clear();
            names.putAll(before);
            throw e;
        }
    }

    private void carryOut(WebhookId from, WebhookId to) {
        store.rename(from, to.name()).toCompletableFuture().join();
        due.renamed(from, to);
        due.agree(to);
    }

    /** Does something to a webhook by the name that it has now. Returns when it is done, and no renaming comes between. */
    synchronized <T> CompletionStage<T> byPresentName(WebhookId webhook, Function<WebhookId, CompletionStage<T>> does) {
        CompletionStage<T> done = does.apply(present(webhook));
        done.handle((result, failure) -> null).toCompletableFuture().join();
        return done;
    }

    /**
     * A try has disabled its webhook: who had the last word in the store has it in memory too, soon. A person may have resumed it
     * after that was stored and before it was heard of here.
     */
    void agree(WebhookId webhook) {
        untilItWorks(() -> agreeByPresentName(webhook), "whether webhook '" + webhook.name() + "' is disabled", 0);
    }

    private synchronized void agreeByPresentName(WebhookId webhook) {
        due.agree(present(webhook));
    }

    /** What a webhook is called now, which may be known here before it is so in the store. */
    WebhookId present(WebhookId webhook) {
        return names.getOrDefault(webhook, webhook);
    }

    /** A name that a webhook has now is nobody's former one. */
    synchronized void define(Set<WebhookId> webhooks) {
        names.keySet().removeIf(webhooks::contains);
    }

    /** Something was stored for a webhook or told of it, or may have been. Returns at once. */
    void stored(WebhookId webhook) {
        if (names.containsKey(webhook) && behind.add(webhook)) {
            follow(webhook);
        }
    }

    private void follow(WebhookId former) {
        untilItWorks(
                () -> carryOutAgain(former),
                "what was stored for webhook '" + former.name() + "' under its former name",
                0);
    }

    private synchronized void carryOutAgain(WebhookId former) {
        behind.remove(former);
        WebhookId present = names.get(former);
        if (present == null) {
            return;
        }
        try {
            carryOut(former, present);
            due.look(present);
        } catch (StoreException | CompletionException e) {
            // unless something that was stored meanwhile is about to try
            if (behind.add(former)) {
                throw e;
            }
        }
    }

    private void untilItWorks(Runnable task, String what, long delayMs) {
        try {
            thread.schedule(FatalErrors.watched(() -> attempt(task, what)), delayMs, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("closed: the next start reads what is stored");
        }
    }

    private void attempt(Runnable task, String what) {
        try {
            task.run();
        } catch (StoreException | CompletionException e) {
            LOG.warn("{} cannot be followed, trying again in {} ms: {}", what, RETRY_MS, e.getMessage());
            untilItWorks(task, what, RETRY_MS);
        } catch (RuntimeException e) {
            LOG.error("{} cannot be followed", what, e);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
