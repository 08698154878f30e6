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
    }

    /** Those of a webhook, in the order in which they are due, after one. */
    List<Waiting> of(WebhookId webhook, Waiting after, int limit);

    /** Ends deliveries that wait: nothing is sent. Those that wait no more are left as they are. @return how many it ended */
    CompletionStage<Integer> discard(List<String> deliveries, String reason, Instant now);

    /** Makes deliveries that wait due now. @return how many were not */
    CompletionStage<Integer> makeDue(List<String> deliveries, Instant now);
}
