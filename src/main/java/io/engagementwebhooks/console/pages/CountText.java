package io.engagementwebhooks.console.pages;

/** Numbers of deliveries and webhooks in words. */
final class CountText {

    private CountText() {}

    static String deliveries(long count) {
        return count == 1 ? "1 delivery" : NumberText.count(count) + " deliveries";
    }

    static String pending(long count) {
        return count == 1 ? "1 delivery" : NumberText.pending(count) + " deliveries";
    }

    static String webhooks(long count) {
        return count == 1 ? "1 webhook" : NumberText.count(count) + " webhooks";
    }

    /** What deleting a webhook does to its deliveries. */
    static String canceled(long count) {
        return count == 0 ? "" : deliveries(count) + (count == 1 ? " is" : " are") + " queued and will be canceled. ";
    }

    static String queued(long count) {
        return count == 0 ? "Nothing queued" : pending(count) + " queued";
    }
}
