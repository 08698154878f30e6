package io.engagementwebhooks.quickstart;

/**
 * A delivery as the table shows it.
 *
 * @param id of the delivery
 * @param event its event's type
 * @param webhook its webhook's name
 * @param authentication of the webhook
 * @param state {@code waiting}, {@code sending}, …
 * @param outcome of the last attempt, or empty
 * @param reason why it is not delivered, or empty
 * @param status of the last answer, or empty
 * @param attempts how many there were
 * @param ms how long the last one took, or empty
 */
record Row(
        String id,
        String event,
        String webhook,
        String authentication,
        String state,
        String outcome,
        String reason,
        String status,
        int attempts,
        String ms) {

    static final String DELIVERED = "delivered";

    /** Whether nothing more comes by itself. */
    boolean hasEnded() {
        return !state.equals("waiting") && !state.equals("sending") && !state.equals("paused");
    }

    /** What to show in the outcome column. */
    String shownOutcome() {
        return outcome.isEmpty() ? state : outcome;
    }
}
