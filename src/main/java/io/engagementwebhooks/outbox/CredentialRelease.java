package io.engagementwebhooks.outbox;

import io.engagementwebhooks.ledger.Background;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.due.DueStore;
import io.engagementwebhooks.store.due.DueStore.Waiting;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes deliveries due that waited for a repaired credential. Works in steps of a few hundred rows on one thread;
 * ingest and delivery continue, and the queues limit the rate. Thread-safe.
 */
final class CredentialRelease implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CredentialRelease.class);
    private static final int ROWS = 500;

    private final Store store;
    private final DueScheduler scheduler;
    private final Clock clock;
    private final Background background = new Background("outbox-releases");

    CredentialRelease(Store store, DueScheduler scheduler, Clock clock) {
        this.store = store;
        this.scheduler = scheduler;
        this.clock = clock;
    }

    void credentialRepaired(WebhookId webhook) {
        background.retrying(() -> release(webhook, true));
    }

    /** Releases unsent deliveries of a webhook, such as those that waited for its receiver's permission. */
    void releaseUnsent(WebhookId webhook) {
        background.retrying(() -> release(webhook, false));
    }

    /** Releases unsent deliveries of all webhooks after a start. */
    void releaseUnsent() {
        background.retrying(() -> store.due().withUnsent().forEach(webhook -> {
            scheduler.credentialRepaired(webhook);
            release(webhook, false);
        }));
    }

    private void release(WebhookId webhook, boolean includeRefused) {
        int total = 0;
        Waiting after = Waiting.lastDueAt(clock.instant());
        while (after != null && !background.isClosed()) {
            Instant now = clock.instant();
            DueStore.Released step = store.due()
                    .release(webhook, includeRefused, now, after, ROWS)
                    .toCompletableFuture()
                    .join();
            total += step.deliveries();
            if (step.deliveries() > 0) {
                scheduler.due(webhook, now, step.deliveries());
            }
            after = step.examinedUpTo();
        }
        if (total > 0) {
            LOG.info("delivery.released account={} webhook={} count={}", webhook.account(), webhook.name(), total);
        }
    }

    @Override
    public void close() {
        background.close();
    }
}
