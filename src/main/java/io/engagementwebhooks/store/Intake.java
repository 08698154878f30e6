package io.engagementwebhooks.store;

import io.engagementwebhooks.event.Event;
import java.util.List;
import java.util.Set;

/**
 * An event and one delivery for each webhook that asked for it, acknowledged together. Where these are many, the event is stored
 * with a fan-out and they are inserted in steps ({@link FanOuts}).
 *
 * @param event the event
 * @param deliveries its deliveries; may be empty
 * @param brings fields of the event that webhooks of its account wait for
 */
public record Intake(Event event, List<NewDelivery> deliveries, Set<String> brings) {

    /** An event has so many deliveries at most that are inserted in its own transaction. */
    public static final int MOST_AT_ONCE = 500;

    /** About so many deliveries of a fan-out are as large as a row. */
    private static final int OF_FAN_OUT_IN_ROW = 20;

    public Intake {
        deliveries = List.copyOf(deliveries);
        brings = Set.copyOf(brings);
    }

    /** One that brings nothing that others wait for. */
    public static Intake of(Event event, List<NewDelivery> deliveries) {
        return new Intake(event, deliveries, Set.of());
    }

    /** Whether its deliveries are too many for one transaction. */
    public boolean isFanOut() {
        return deliveries.size() > MOST_AT_ONCE;
    }

    /** Whether some of its deliveries go one after the other with those of other events. */
    public boolean isInOrder() {
        return deliveries.stream().anyMatch(NewDelivery::isInOrder);
    }

    /** Who pays for storing events together: the account of the first, or {@link FairQueue#PRODUCT} where there is none. */
    public static String account(List<Intake> intakes) {
        return intakes.isEmpty() ? FairQueue.PRODUCT : intakes.get(0).event().account();
    }

    /** About how many rows they are; see {@link FairQueue#rows}. */
    public static int rows(List<Intake> intakes) {
        int rows = 0;
        long bytes = 0;
        for (Intake intake : intakes) {
            int deliveries = intake.deliveries().size();
            rows += 1 + (intake.isFanOut() ? deliveries / OF_FAN_OUT_IN_ROW : deliveries);
            bytes += intake.event().document().length;
        }
        return FairQueue.rows(rows, bytes);
    }
}
