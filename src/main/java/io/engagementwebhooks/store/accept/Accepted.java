package io.engagementwebhooks.store.accept;

import io.engagementwebhooks.webhook.WebhookId;
import java.util.Set;

/**
 * The result of accepting an event.
 *
 * @param eventId the CloudEvents id
 * @param deliveries number of its deliveries
 * @param duplicate whether it was accepted before
 * @param released webhooks with deliveries that waited for a field of this event and are due now
 * @param blocked ids of its deliveries that must not be sent yet: earlier deliveries of their FIFO key are pending
 */
public record Accepted(
        String eventId, int deliveries, boolean duplicate, Set<WebhookId> released, Set<String> blocked) {

    public Accepted {
        released = Set.copyOf(released);
        blocked = Set.copyOf(blocked);
    }

    /** An event without deliveries that FIFO order blocks. */
    public Accepted(String eventId, int deliveries, boolean duplicate, Set<WebhookId> released) {
        this(eventId, deliveries, duplicate, released, Set.of());
    }
}
