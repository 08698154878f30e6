package io.engagementwebhooks.store;

import io.engagementwebhooks.store.WaitingDeliveries.Waiting;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Finds what is due, for the process that owns the webhooks. Thread-safe. */
public interface DueStore {

    /**
     * The webhooks of this process that have waiting deliveries, and when the first of each is due. It costs as much as there are
     * webhooks, however many deliveries wait.
     */
    List<WaitingWebhook> waitingWebhooks();

    /**
     * Deliveries of a webhook that are due at a time, the earliest first, without those given and without those that are behind
     * another of their FIFO key which is due too.
     */
    DueSearch.Found due(DueSearch search);

    /** All of a webhook that are due at a time, up to a number, whichever share they are of. */
    default List<DueDelivery> due(WebhookId webhook, Instant at, int limit, Collection<String> without) {
        return due(DueSearch.any(webhook, at, limit, without)).due();
    }

    /** How many deliveries of a webhook are due at a time, counted up to a number. */
    long dueCount(WebhookId webhook, Instant at, int most);

    /**
     * When the next delivery of a webhook that is due after a time is due. Where many of the other share are due before it, a time
     * before which none of this share is due; then it is to be asked again.
     */
    Optional<Instant> nextDue(WebhookId webhook, AttemptKind share, Instant after);

    /** The webhooks of this process with waiting deliveries of which nothing could be sent at their last attempt. */
    List<WebhookId> withUnsent();

    /**
     * Makes deliveries of a webhook due now that wait because of its credential: nothing could be sent for want of one, or, if
     * asked for, the receiver answered 401 or 403. In one small step: the next one begins where this one ended. Deliveries behind
     * others of their FIFO key are left out.
     *
     * @param refusedToo those that the receiver refused, too
     * @param after only those that are due after it; see {@link Waiting#lastDueAt}
     * @param look at how many that wait at most, whether because of the credential or not
     */
    CompletionStage<Released> release(WebhookId webhook, boolean refusedToo, Instant now, Waiting after, int look);

    /**
     * The result of a step of a release.
     *
     * @param deliveries how many it made due
     * @param lookedUpTo the last delivery that was examined, to begin the next step after it; null: there are no more
     */
    record Released(int deliveries, Waiting lookedUpTo) {}
}
