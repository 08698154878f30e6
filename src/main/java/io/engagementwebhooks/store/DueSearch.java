package io.engagementwebhooks.store;

import io.engagementwebhooks.store.WaitingDeliveries.Waiting;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * A search for due deliveries of a webhook.
 *
 * @param webhook the webhook
 * @param kind which attempts, or null: all
 * @param after begins after this one, in due order
 * @param at due at or before this
 * @param limit the most to return
 * @param maxExamined the most due deliveries of either kind to examine; 0: all
 * @param without ids to leave out
 */
public record DueSearch(
        WebhookId webhook,
        AttemptKind kind,
        Waiting after,
        Instant at,
        int limit,
        int maxExamined,
        Set<String> without) {

    /**
     * The result of a search.
     *
     * @param due earliest first
     * @param examinedUpTo where the next search begins, or null: there are no more
     */
    public record Found(List<DueDelivery> due, Waiting examinedUpTo) {

        /**
         * The result of a window. With {@code limit} found, the next search begins at the last of them, else at the end
         * of the window.
         */
        public static Found upTo(Waiting windowEnd, List<DueDelivery> due, int limit) {
            if (due.size() < limit) {
                return new Found(due, windowEnd);
            }
            DueDelivery last = due.get(due.size() - 1);
            return new Found(due, new Waiting(last.id(), last.dueAt()));
        }
    }

    /** A search for attempts of either kind. */
    static DueSearch any(WebhookId webhook, Instant at, int limit, Collection<String> without) {
        return new DueSearch(webhook, null, Waiting.FIRST, at, limit, 0, Set.copyOf(without));
    }
}
