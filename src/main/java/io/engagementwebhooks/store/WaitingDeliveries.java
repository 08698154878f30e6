package io.engagementwebhooks.store;

import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** What a person may do with deliveries that wait, a few at a time. Thread-safe; writes complete after their commit. */
public interface WaitingDeliveries {

    /**
     * A waiting delivery.
     *
     * @param id a ULID
     * @param dueAt when it is due
     */
    record Waiting(String id, Instant dueAt) {

        /** Before every other. */
        public static final Waiting FIRST = new Waiting("", Instant.EPOCH);

        /** After every other that is due at a time: ids are letters and digits. */
        public static Waiting lastDueAt(Instant time) {
            return new Waiting("~", time);
        }
    }

    /** Those of a webhook, in the order in which they are due, after one. */
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
     * Lets the process that owns a webhook discard deliveries of it: no other knows what is being sent.
     *
     * @return how many were; fails with {@link StoreException} without a response
     */
    default CompletionStage<Integer> letDiscard(WebhookId webhook, List<String> deliveries, String reason) {
        throw new IllegalStateException("this store is not shared");
    }

    /**
     * Makes deliveries of a webhook that wait due now.
     *
     * @param againstHold whether a person wants them sent whatever the receiver asked for; that ends the webhook's hold
     * @return how many were not
     */
    CompletionStage<Integer> makeDue(WebhookId webhook, List<String> deliveries, Instant now, boolean againstHold);
}
