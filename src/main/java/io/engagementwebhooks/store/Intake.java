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

    /** Who pays for storing events together: the account of the first, or {@link FairQueue#PRODUCT} where there is none. */
    public static String account(List<Intake> intakes) {
        return intakes.isEmpty()
                ? FairQueue.PRODUCT
                : intakes.get(0).event().account();
    }

    /** About how many rows they are; see {@link FairQueue#rows}. */
    public static int rows(List<Intake> intakes) {
        int rows = 0;
        long bytes = 0;
        for (Intake intake : intakes) {
            rows += 1 + intake.deliveries().size();
            bytes += intake.event().document().length;
        }
        return FairQueue.rows(rows, bytes);
    }
}
