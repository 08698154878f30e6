package io.engagementwebhooks.outbox;

import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.store.DueStore;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.WaitingDeliveries.Waiting;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes due what waits for a credential that was repaired, looking at a few hundred rows at a time and by one thread, so that ingest
 * and delivery go on meanwhile. How fast they are sent then is up to their queues. Thread-safe.
 */
final class CredentialRelease implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CredentialRelease.class);
    private static final int ROWS = 500;
    private static final long RETRY_MS = 1_000;

    private final Store store;
    private final DueScheduler scheduler;
    private final Clock clock;
    private final ScheduledExecutorService thread = thread();

    CredentialRelease(Store store, DueScheduler scheduler, Clock clock) {
        this.store = store;
        this.scheduler = scheduler;
        this.clock = clock;
    }

    private static ScheduledExecutorService thread() {
        ScheduledThreadPoolExecutor one = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "outbox-releases");
            thread.setDaemon(true);
            return thread;
        });
        one.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        return one;
    }

    void repaired(WebhookId webhook) {
        retrying(() -> release(webhook, true), 0);
    }

    /** Of every webhook: nothing was sent at the last try, and pauses do not outlive a process. */
    void unsent() {
        retrying(
                () -> store.due().withUnsent().forEach(webhook -> {
                    scheduler.repaired(webhook);
                    release(webhook, false);
                }),
                0);
    }

    private void release(WebhookId webhook, boolean refusedToo) {
        int all = 0;
        Waiting after = Waiting.lastDueAt(clock.instant());
        while (after != null && !thread.isShutdown()) {
            Instant now = clock.instant();
            DueStore.Released some = store.due()
                    .release(webhook, refusedToo, now, after, ROWS)
                    .toCompletableFuture()
                    .join();
            all += some.deliveries();
            if (some.deliveries() > 0) {
                scheduler.due(webhook, now, some.deliveries());
            }
            after = some.lookedUpTo();
        }
        if (all > 0) {
            LOG.info("delivery.released account={} webhook={} count={}", webhook.account(), webhook.name(), all);
        }
    }

    private void retrying(Runnable task, long delayMs) {
        try {
            thread.schedule(FatalErrors.watched(() -> attempt(task)), delayMs, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("closed: the next start tries again what could not be sent");
        }
    }

    private void attempt(Runnable task) {
        try {
            task.run();
        } catch (StoreException | CompletionException e) {
            LOG.warn("waiting deliveries cannot be released, trying again in {} ms: {}", RETRY_MS, e.getMessage());
            retrying(task, RETRY_MS);
        } catch (RuntimeException e) {
            LOG.error("waiting deliveries cannot be released", e);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
