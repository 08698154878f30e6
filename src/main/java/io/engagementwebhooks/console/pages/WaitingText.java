package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Says on a page what a delivery waits for.
 *
 * @param text the beginning of the sentence
 * @param delivery that it names, or null
 * @param before what stands between that and the time, or empty
 * @param time as in the API, or null
 */
public record WaitingText(String text, String delivery, String before, String time) {

    /** @param reason as in the API */
    public static WaitingText of(JsonNode reason) {
        String until = reason.path("until").asText(null);
        return switch (reason.path("kind").asText()) {
            case "retry" -> at("Retry at", until);
            case "field" -> at("A later event with field '" + reason.path("field").asText() + "', until", until);
            case "order" ->
                new WaitingText(
                        "The first delivery of its key:",
                        reason.path("delivery").asText(),
                        until == null ? "" : ", until",
                        until);
            case "rate-limit" ->
                at(
                        reason.path("limitedBy").asText().equals("webhook")
                                ? "Rate limit of the webhook: next request at"
                                : "Rate limit of the receiver: next request at",
                        until);
            case "paused" -> only(paused(reason.path("cause").asText()));
            case "budget" -> only(budget(reason.path("budget").asText()));
            case "answer" -> at("Response: begun at", reason.path("since").asText());
            default -> only(queued(reason));
        };
    }

    private static WaitingText only(String text) {
        return new WaitingText(text, null, "", null);
    }

    private static WaitingText at(String text, String time) {
        return new WaitingText(text, null, "", time);
    }

    private static String paused(String cause) {
        return switch (cause) {
            case "webhook-paused" -> "The webhook is paused: resume it";
            case "webhook-disabled" -> "The webhook is disabled: resume it";
            case "webhook-not-configured" -> "The webhook is not configured";
            default -> "Delivery is stopped on this instance";
        };
    }

    private static String budget(String which) {
        return switch (which) {
            case "requests-in-flight" -> "Budget: the account has as many requests in flight as it may have";
            case "timed-out-webhooks" -> "Budget: webhooks that timed out have as many requests in flight as they may have";
            default -> "Budget: the account's memory for events is full";
        };
    }

    private static String queued(JsonNode reason) {
        String place = place(reason.path("behind").asInt(), reason.path("exact").asBoolean());
        JsonNode unanswered = reason.path("unanswered");
        if (!unanswered.isInt()) {
            return place + "; another instance owns the webhook";
        }
        return switch (unanswered.asInt()) {
            case 0 -> place;
            case 1 -> place + "; 1 request has no response yet";
            default -> place + "; " + unanswered.asInt() + " requests have no response yet";
        };
    }

    private static String place(int behind, boolean isExact) {
        if (behind == 0) {
            return "Queue: next of its webhook";
        }
        return "Queue: behind " + (isExact ? "" : "more than ") + behind
                + (behind == 1 && isExact ? " delivery" : " deliveries") + " of its webhook";
    }
}
