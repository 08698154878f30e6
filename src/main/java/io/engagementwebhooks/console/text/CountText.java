package io.engagementwebhooks.console.text;

/** Numbers of deliveries and webhooks in words. */
public final class CountText {

    private CountText() {}

    public static String deliveries(long count) {
        return count == 1 ? "1 delivery" : NumberText.count(count) + " deliveries";
    }

    public static String pending(long count) {
        return count == 1 ? "1 delivery" : NumberText.pending(count) + " deliveries";
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
