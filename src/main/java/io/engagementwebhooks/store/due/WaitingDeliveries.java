package io.engagementwebhooks.store.due;

import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Lists, discards and retries pending deliveries, in small batches. Thread-safe; writes complete after their commit.
 */
public interface WaitingDeliveries {

    /**
     * A pending delivery.
     *
     * @param id a ULID
     * @param dueAt when it is due
     */
    record Waiting(String id, Instant dueAt) {

        /** Sorts before every other. */
        public static final Waiting FIRST = new Waiting("", Instant.EPOCH);

        /** Sorts after every delivery due at a time: ids are letters and digits. */
        public static Waiting lastDueAt(Instant time) {
            return new Waiting("~", time);
        }
    }

    /** The pending deliveries of a webhook in due order, after one. */
    List<Waiting> of(WebhookId webhook, Waiting after, int limit);

    /**
     * Cancels pending deliveries of a webhook. Its owner begins none of them from 2 s later on; a request that has begun may still
     * arrive. Deliveries that are no longer pending are left unchanged.
     *
     * @return how many it canceled
     */
    CompletionStage<Integer> discard(WebhookId webhook, List<String> deliveries, String reason, Instant now);

    /**
     * Makes pending deliveries of a webhook due now.
     *
     * @param endHold whether to end the webhook's hold: a manual retry overrides the receiver's pause
     * @return the number of deliveries that were made due
     */
    CompletionStage<Integer> makeDue(WebhookId webhook, List<String> deliveries, Instant now, boolean endHold);
}
