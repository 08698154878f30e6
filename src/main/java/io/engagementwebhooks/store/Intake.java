package io.engagementwebhooks.store;

import io.engagementwebhooks.event.Event;
import java.util.List;
import java.util.Set;

/**
 * An event and one delivery for each webhook that asked for it, stored in one transaction.
 *
 * @param event the event
 * @param deliveries its deliveries; may be empty
 * @param brings fields of the event that webhooks of its account wait for
 */
public record Intake(Event event, List<NewDelivery> deliveries, Set<String> brings) {

    public Intake {
        deliveries = List.copyOf(deliveries);
        brings = Set.copyOf(brings);
    }
}
