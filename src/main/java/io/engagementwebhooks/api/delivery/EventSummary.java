package io.engagementwebhooks.api.delivery;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.store.accept.EventStore;

/**
 * An event in lists of the API.
 *
 * @param id its id in the API
 * @param event the CloudEvents id
 * @param subject what it is about, or null
 * @param time when it happened, or null
 * @param deliveries number of its deliveries
 * @param hasPayload whether its data is still stored
 * @param test whether a test of a webhook created it, or it is a sample
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
        boolean hasPayload,
        boolean test) {

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
                row.hasPayload(),
                Event.isTestSource(row.source()));
    }
}
