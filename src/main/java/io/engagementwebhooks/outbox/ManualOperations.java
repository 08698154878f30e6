package io.engagementwebhooks.outbox;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.due.DueStore.Waiting;
import io.engagementwebhooks.store.outcome.Permissions;
import io.engagementwebhooks.store.query.ReplayJobs;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.ToIntFunction;

/** What people do with deliveries by hand: replay, retry now, discard. Thread-safe. */
public record ManualOperations(Store store, Permissions permissions, DueScheduler scheduler, Clock clock) {

    /** Number of deliveries written in one transaction. */
    private static final int STEP = 500;

    /** Makes a delivery due now; see {@link ReplayJobs#replay}. */
    public CompletionStage<ReplayJobs.Replayed> replay(WebhookId webhook, String id, String newId) {
        Instant now = clock.instant();
        return store.replays().replay(webhook.account(), id, newId, now).thenApply(replayed -> due(webhook, replayed));
    }

    /** Sends an edited event to the webhook of a delivery; see {@link ReplayJobs#resend}. */
    public CompletionStage<ReplayJobs.Replayed> resend(WebhookId webhook, String id, String newId, Event edited) {
        Instant now = clock.instant();
        return store.replays()
                .resend(webhook.account(), id, newId, edited, now)
                .thenApply(resent -> due(webhook, resent));
    }

    private ReplayJobs.Replayed due(WebhookId webhook, ReplayJobs.Replayed replayed) {
        if (replayed == ReplayJobs.Replayed.DUE) {
            scheduler.retryNow(webhook);
        }
        return replayed;
    }

    /**
     * The result of a manual operation on pending deliveries.
     *
     * @param more whether some were not examined
     */
    public record Handled(int deliveries, boolean more) {}

    /**
     * Discards the pending deliveries of a webhook, in small steps. A request that has begun may still arrive.
     *
     * @param until when to stop and leave the rest for another call
     */
    public Handled discard(WebhookId webhook, String reason, Instant until) {
        int total = 0;
        Handled step;
        do {
            // repeated: discarding one may have scheduled the next of its FIFO key
            step = inSteps(
                    webhook,
                    until,
                    deliveries -> discard(
                            webhook, deliveries.stream().map(Waiting::id).toList(), reason));
            total += step.deliveries();
        } while (step.deliveries() > 0 && !step.more());
        return new Handled(total, step.more());
    }

    private int discard(WebhookId webhook, List<String> deliveries, String reason) {
        return join(store.due().discard(webhook, deliveries, reason, clock.instant()));
    }

    private static int join(CompletionStage<Integer> writing) {
        try {
            return writing.toCompletableFuture().join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof StoreException store ? store : e;
        }
    }

    /** Makes the pending deliveries of a webhook due now, in small steps; see {@link #discard}. */
    public Handled makeDue(WebhookId webhook, Instant until) {
        permissions.askAgain(webhook);
        Instant now = clock.instant();
        return inSteps(webhook, until, deliveries -> {
            List<String> later = deliveries.stream()
                    .filter(delivery -> delivery.dueAt().isAfter(now))
                    .map(Waiting::id)
                    .toList();
            int changed = join(store.due().makeDue(webhook, later, now, false));
            if (changed > 0) {
                scheduler.due(webhook, now, changed);
            }
            return changed;
        });
    }

    private Handled inSteps(WebhookId webhook, Instant until, ToIntFunction<List<Waiting>> step) {
        int handled = 0;
        Waiting after = Waiting.FIRST;
        while (clock.instant().isBefore(until)) {
            List<Waiting> some = store.due().pending(webhook, after, STEP);
            if (some.isEmpty()) {
                return new Handled(handled, false);
            }
            handled += step.applyAsInt(some);
            after = some.get(some.size() - 1);
        }
        return new Handled(handled, true);
    }

    /** Discards a delivery. @return false: it is not pending */
    public boolean discardOne(WebhookId webhook, String delivery, String reason) {
        return discard(webhook, List.of(delivery), reason) == 1;
    }

    /** Makes a queued delivery due now, even before its Retry-After; its retry schedule continues. */
    public void retryNow(WebhookId webhook, String delivery) {
        permissions.askAgain(webhook);
        Instant now = clock.instant();
        join(store.due().makeDue(webhook, List.of(delivery), now, true));
        scheduler.retryNow(webhook);
    }
}
