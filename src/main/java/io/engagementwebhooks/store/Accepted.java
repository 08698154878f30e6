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
 */
public record Accepted(String eventId, int deliveries, boolean duplicate, Set<WebhookId> released) {

    public Accepted {
        released = Set.copyOf(released);
    }
}
