package io.engagementwebhooks.store;

import io.engagementwebhooks.webhook.WebhookId;
import java.util.Set;

/**
 * The answer to an accepted event.
 *
 * @param eventId the CloudEvents id
 * @param deliveries how many deliveries it has
 * @param duplicate whether it was there already
 * @param released webhooks with deliveries that waited for a field and are due now, since this event brought it
 * @param behind its deliveries that must not go yet, since others of the same FIFO key are before them
 * @param fannedOut whether its deliveries are inserted later, in steps; see {@link FanOuts}
 */
public record Accepted(
        String eventId,
        int deliveries,
        boolean duplicate,
        Set<WebhookId> released,
        Set<String> behind,
        boolean fannedOut) {

    public Accepted {
        released = Set.copyOf(released);
        behind = Set.copyOf(behind);
    }

    /** One of which every delivery may go. */
    public Accepted(String eventId, int deliveries, boolean duplicate, Set<WebhookId> released) {
        this(eventId, deliveries, duplicate, released, Set.of(), false);
    }
}
