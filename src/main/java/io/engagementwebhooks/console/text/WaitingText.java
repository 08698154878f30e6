package io.engagementwebhooks.console.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.api.delivery.WaitingForView;

/**
 * Text on what a delivery waits for.
 *
 * @param text start of the sentence
 * @param delivery a linked delivery, or null
 * @param before text between that and the time, or empty
 * @param time as in the API, or null
 */
public record WaitingText(String text, String delivery, String before, String time) {

    /** @param reason as in the API */
    public static WaitingText of(WaitingForView reason) {
        String until = reason.until();
        return switch (reason.kind()) {
            case "retry" -> at("Next attempt", until);
            case "permission" -> at("Permission of the receiver; it is asked again", until);
            case "field" -> at("A later event with field '" + reason.field() + "', at the latest", until);
            case "order" ->
                new WaitingText(
                        "The first delivery of its key:",
                        reason.delivery(),
                        until == null ? "" : ", at the latest",
                        until);
            case "rate-limit" -> at(limited(reason) + ": next request", until);
            case "paused" -> only(Words.of("paused", reason.cause(), "Delivery is stopped on this instance"));
            case "budget" ->
                only(Words.of("budget", reason.budget(), "Budget: the account's memory for events is full"));
            case "answer" -> at("In flight, begun", reason.since());
            case "turn" -> only("Queue: " + queued(reason));
            default -> throw new IllegalArgumentException("waitingFor of an unknown kind: " + reason);
        };
    }

    private static WaitingText only(String text) {
        return new WaitingText(text, null, "", null);
    }

    private static WaitingText at(String text, String time) {
        return new WaitingText(text, null, "", time);
    }

    private static String limited(WaitingForView reason) {
        String limit = "Rate limit of the " + reason.limitedBy();
        return reason.behind() == 0 ? limit : limit + ", behind " + deliveries(reason);
    }

    private static String queued(WaitingForView reason) {
        boolean isNext = reason.behind() == 0;
        JsonNode unanswered = reason.unanswered();
        if (!unanswered.isInt()) {
            return "this instance does not own the webhook; "
                    + (isNext ? "it is next" : deliveries(reason) + " before this one") + ", or it is in flight";
        }
        String place = isNext ? "next of its webhook" : "behind " + deliveries(reason) + " of its webhook";
        return switch (unanswered.asInt()) {
            case 0 -> place;
            case 1 -> place + "; 1 delivery has no response yet";
            default -> place + "; " + CountText.deliveries(unanswered.asInt()) + " have no response yet";
        };
    }

    private static String deliveries(WaitingForView reason) {
        int behind = reason.behind();
        boolean isExact = reason.exact();
        return isExact ? CountText.deliveries(behind) : "more than " + NumberText.count(behind) + " deliveries";
    }
}
