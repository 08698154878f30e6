package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.webhook.WebhookId;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
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
        names.remove(to);
        names.replaceAll((former, present) -> present.equals(from) ? to : present);
        names.put(from, to);
        carryOut(from, to);
    }

    private void carryOut(WebhookId from, WebhookId to) {
        store.rename(from, to.name())
                .thenRun(() -> due.renamed(from, to))
                .toCompletableFuture()
                .join();
    }

    /** A name that a webhook has now is nobody's former one. */
    synchronized void define(Set<WebhookId> webhooks) {
        names.keySet().removeIf(webhooks::contains);
    }

    /** Something was stored for a webhook, or may have been. Returns at once. */
    void stored(WebhookId webhook) {
        if (names.containsKey(webhook) && behind.add(webhook)) {
            untilItWorks(webhook, 0);
        }
    }

    private void untilItWorks(WebhookId former, long delayMs) {
        try {
            thread.schedule(() -> attempt(former), delayMs, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("closed: the next start renames again");
        }
    }

    private void attempt(WebhookId former) {
        try {
            follow(former);
        } catch (StoreException | CompletionException e) {
            LOG.warn(
                    "what was stored for webhook '{}' under its former name cannot follow, trying again in {} ms: {}",
                    former.name(),
                    RETRY_MS,
                    e.getMessage());
            // unless something that was stored meanwhile is about to try
            if (behind.add(former)) {
                untilItWorks(former, RETRY_MS);
            }
        } catch (RuntimeException e) {
            LOG.error("what was stored for webhook '{}' under its former name cannot follow", former.name(), e);
        }
    }

    private synchronized void follow(WebhookId former) {
        behind.remove(former);
        WebhookId present = names.get(former);
        if (present != null) {
            carryOut(former, present);
            due.look(present);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
