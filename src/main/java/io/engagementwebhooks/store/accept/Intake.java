package io.engagementwebhooks.store.accept;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.store.FairQueue;
import java.util.List;
import java.util.Set;

/**
 * An event with its deliveries, one per webhook that subscribed to it, acknowledged together.
 *
 * @param event the event
 * @param deliveries its deliveries; may be empty
 * @param providedFields fields of the event that webhooks of its account wait for
 * @param stored the key of the event, or null: it is to be stored
 */
public record Intake(Event event, List<NewDelivery> deliveries, Set<String> providedFields, Long stored) {

    public Intake {
        deliveries = List.copyOf(deliveries);
        providedFields = Set.copyOf(providedFields);
    }

    /** An intake of a new event. */
    public Intake(Event event, List<NewDelivery> deliveries, Set<String> providedFields) {
        this(event, deliveries, providedFields, null);
    }

    /** A further delivery of a stored event. @param key of the event */
    public static Intake ofStored(long key, Event event, NewDelivery delivery) {
        return new Intake(event, List.of(delivery), Set.of(), key);
    }

    /** An intake without fields that others wait for. */
    public static Intake of(Event event, List<NewDelivery> deliveries) {
        return new Intake(event, deliveries, Set.of());
    }

    /**
     * The account that the write queue charges for these events: that of the first, or {@link FairQueue#PRODUCT}
     * without one.
     */
    public static String account(List<Intake> intakes) {
        return intakes.isEmpty() ? FairQueue.PRODUCT : intakes.get(0).event().account();
    }

    /** Their approximate size in rows; see {@link FairQueue#rows}. */
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
