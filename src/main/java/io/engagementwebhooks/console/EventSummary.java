package io.engagementwebhooks.console;

import io.engagementwebhooks.store.EventStore;

/**
 * How an event looks in lists of the API.
 *
 * @param id what it is shown by here
 * @param event the CloudEvents id
 * @param subject what it is about, or null
 * @param time when it happened, or null
 * @param deliveries how many it made
 * @param hasPayload whether its data is kept still
 */
public record EventSummary(
        String id,
        String event,
        String source,
        String type,
        String subject,
        String time,
        String acceptedAt,
        int deliveries,
        boolean hasPayload) {

    static EventSummary of(EventStore.EventRow row) {
        return new EventSummary(
                Events.PREFIX + row.key(),
                row.id(),
                row.source(),
                row.type(),
                row.subject(),
                DeliveryView.text(row.time()),
                DeliveryView.text(row.acceptedAt()),
                row.deliveries(),
                row.hasPayload());
    }
}
