package io.engagementwebhooks.console.pages;

/** Numbers of deliveries in words. */
final class CountText {

    private CountText() {}

    static String deliveries(long count) {
        return count == 1 ? "1 delivery" : count + " deliveries";
    }

    static String waiting(long count) {
        return count == 0 ? "nothing waits" : deliveries(count) + (count == 1 ? " waits" : " wait");
    }
}
