package io.engagementwebhooks.store;

import io.engagementwebhooks.store.WaitingDeliveries.Waiting;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * What to look for among the deliveries of a webhook that are due.
 *
 * @param webhook whose
 * @param share which of them
 * @param after where to begin: after this one, in the order in which they are due
 * @param at until when they are due
 * @param limit how many are enough
 * @param look how many due ones of either share to look at, at most; 0: all
 * @param without ids of those that are not looked for
 */
public record DueSearch(
        WebhookId webhook, AttemptKind share, Waiting after, Instant at, int limit, int look, Set<String> without) {

    /**
     * What was found.
     *
     * @param due the earliest first
     * @param lookedUpTo where to continue, or null: there are no more
     */
    public record Found(List<DueDelivery> due, Waiting lookedUpTo) {

        /** Where as many were found as were asked for, the search continues at the last of them. */
        public static Found upTo(Waiting windowEnd, List<DueDelivery> due, int limit) {
            if (due.size() < limit) {
                return new Found(due, windowEnd);
            }
            DueDelivery last = due.get(due.size() - 1);
            return new Found(due, new Waiting(last.id(), last.dueAt()));
        }
    }

    /** The same for any kind of attempt. */
    static DueSearch any(WebhookId webhook, Instant at, int limit, Collection<String> without) {
        return new DueSearch(webhook, null, Waiting.FIRST, at, limit, 0, Set.copyOf(without));
    }
}
