package io.engagementwebhooks.store;

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
     * Ends pending deliveries of a webhook without sending them. Called by the webhook's owner, which has begun each
     * ({@link Ownership#begin}) so that it is not sent. Deliveries that are no longer pending, or have another owner, are left
     * unchanged.
     *
     * @return how many it ended
     */
    CompletionStage<Integer> discard(WebhookId webhook, List<String> deliveries, String reason, Instant now);

    /**
     * Asks the process that owns a webhook to discard deliveries: only the owner knows what is in flight.
     *
     * @return the number discarded; fails with {@link StoreException} without a response
     */
    default CompletionStage<Integer> requestDiscard(WebhookId webhook, List<String> deliveries, String reason) {
        throw new IllegalStateException("this store is not shared");
    }

    /**
     * Makes pending deliveries of a webhook due now.
     *
     * @param endHold whether to end the webhook's hold: a manual retry overrides the receiver's pause
     * @return the number of deliveries that were made due
     */
    CompletionStage<Integer> makeDue(WebhookId webhook, List<String> deliveries, Instant now, boolean endHold);
}
