package io.engagementwebhooks.console.text;

import io.engagementwebhooks.api.delivery.BackfillView;

/** Numbers of deliveries, events and webhooks in words. */
public final class CountText {

    private CountText() {}

    public static String deliveries(long count) {
        return count == 1 ? "1 delivery" : NumberText.count(count) + " deliveries";
    }

    public static String pending(long count) {
        return count == 1 ? "1 delivery" : NumberText.pending(count) + " deliveries";
    }

    public static String events(long count) {
        return count == 1 ? "1 event" : NumberText.count(count) + " events";
    }

    /** What a backfill sends. */
    public static String pastEvents(BackfillView count) {
        return (count.exact() ? "" : "At least ")
                + (count.events() == 1 ? "1 past event" : NumberText.count(count.events()) + " past events");
    }

    public static String webhooks(long count) {
        return count == 1 ? "1 webhook" : NumberText.count(count) + " webhooks";
    }

    /** What deleting a webhook does to its deliveries. */
    public static String canceled(long count) {
        return count == 0 ? "" : deliveries(count) + (count == 1 ? " is" : " are") + " queued and will be canceled. ";
    }

    public static String queued(long count) {
        return count == 0 ? "Nothing queued" : pending(count) + " queued";
    }
}
