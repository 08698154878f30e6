package io.engagementwebhooks.store;

import io.engagementwebhooks.event.Event;
import java.util.List;

/**
 * An event and one delivery for each webhook that asked for it, stored in one transaction.
 *
 * @param event the event
 * @param deliveries its deliveries; may be empty
 */
public record Intake(Event event, List<NewDelivery> deliveries) {

    public Intake {
        deliveries = List.copyOf(deliveries);
    }
}
