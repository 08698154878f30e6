package io.engagementwebhooks.store.due;

import io.engagementwebhooks.store.due.WaitingDeliveries.Waiting;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Finds due deliveries, for the process that owns their webhooks. Thread-safe. */
public interface DueStore {

    /**
     * The webhooks of this process that have pending deliveries, with the first due time of each. The cost grows with
     * the number of webhooks, not of deliveries.
     */
    List<WaitingWebhook> waitingWebhooks();

    /**
     * Due deliveries of a webhook, earliest first. Leaves out the given ones and those behind another due one of their
     * FIFO key.
     */
    List<DueDelivery> due(DueSearch search);

    /** The number of due deliveries of a webhook, counted up to {@code most}. */
    long dueCount(WebhookId webhook, Instant at, int most);

    /** The first due time after a given time. */
    Optional<Instant> nextDue(WebhookId webhook, AttemptKind kind, Instant after);

    /** The webhooks of this process with pending deliveries whose last attempt could send nothing. */
    List<WebhookId> withUnsent();

    /**
     * Makes deliveries due now that waited for a valid credential. Nothing could be sent without one or, optionally,
     * the receiver answered 401 or 403. One small step; the next step begins where this one ended. Deliveries that FIFO
     * order blocks are left out.
     *
     * @param includeRefused whether to include those that the receiver refused
     * @param after only those due after it; see {@link Waiting#lastDueAt}
     * @param maxExamined the most pending deliveries to examine
     */
    CompletionStage<Released> release(
            WebhookId webhook, boolean includeRefused, Instant now, Waiting after, int maxExamined);

    /**
     * The result of a step of a release.
     *
     * @param deliveries the number made due
     * @param examinedUpTo the last examined delivery, after which the next step begins; null: there are no more
     */
    record Released(int deliveries, Waiting examinedUpTo) {}
}
