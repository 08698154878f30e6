package io.engagementwebhooks.console.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.api.webhook.StatisticsView;
import io.engagementwebhooks.api.webhook.WebhookView;
import io.engagementwebhooks.console.Api;
import io.engagementwebhooks.console.PageRoutes;
import io.engagementwebhooks.console.webhooks.WebhookForm;
import java.net.URI;
import java.util.List;
import java.util.stream.Collectors;

/** Texts for webhooks on pages. */
public final class WebhookText {

    private static final int FEW_EVENTS = 2;
    private static final String MAILTO = "mailto:";

    private WebhookText() {}

    /** A range as the past: "in the last hour". @param range such as 1 hour or 7 days */
    public static String past(String range) {
        return range.replaceFirst("^1 ", "");
    }

    /** The host, the third party or the e-mail addresses that it sends to. */
    public static String host(WebhookView webhook) {
        String url = webhook.url();
        if (url != null) {
            return url.startsWith(MAILTO) ? url.substring(MAILTO.length()).replace(",", ", ") : hostOf(url);
        }
        JsonNode delivery = webhook.defined().json().path("delivery");
        String type = delivery.at("/authentication/type").asText("–");
        return (Words.of("authentication", type, type) + " "
                        + delivery.at("/salesforce/object").asText())
                .strip();
    }

    private static String hostOf(String url) {
        try {
            String authority = URI.create(url.replaceFirst("[?#].*", "")).getRawAuthority();
            return authority == null ? url : authority;
        } catch (IllegalArgumentException e) {
            // a macro in it
            return url;
        }
    }

    /** The first event types, and how many more. @param definition of a webhook */
    public static String events(JsonNode definition) {
        List<String> events = WebhookForm.events(definition);
        String first = events.stream().limit(FEW_EVENTS).collect(Collectors.joining(", "));
        return events.size() <= FEW_EVENTS ? first : first + " +" + (events.size() - FEW_EVENTS);
    }

    /** An event type that one of the webhooks names; otherwise a built-in one. */
    public static String oneType(List<WebhookView> webhooks) {
        return webhooks.stream()
                .flatMap(webhook -> WebhookForm.events(webhook.defined().json()).stream())
                .filter(type -> !type.endsWith("*"))
                .findFirst()
                .orElse("call.ended");
    }

    /** The page of a webhook. @param id which stays when it is renamed, or its name */
    public static String page(String id) {
        return PageRoutes.HOME + "/webhooks/" + Api.encoded(id);
    }

    /** The log of a webhook's deliveries. */
    public static String log(String name) {
        return PageRoutes.HOME + "/deliveries?webhook=" + Api.encoded(name);
    }

    /** Failed deliveries of the last 24 hours, in words. */
    public static String activity(WebhookView webhook) {
        var activity = webhook.activity();
        String all = NumberText.count(activity.deliveries()) + (activity.complete() ? "" : "+");
        if (activity.deliveries() == 0) {
            return "none";
        }
        String failed = activity.failed() == 0 ? "" : ", " + NumberText.count(activity.failed()) + " failed";
        String retrying = activity.retrying() == 0 ? "" : ", " + NumberText.count(activity.retrying()) + " retrying";
        return all + failed + retrying;
    }

    /** How the success rate is computed, in numbers. */
    public static String success(long delivered, long failed, long retrying, boolean more) {
        long tried = delivered + failed + retrying;
        if (tried == 0) {
            return "No delivery was sent.";
        }
        return NumberText.count(delivered) + " of " + CountText.deliveries(tried)
                + (failed == 0 ? "" : ", " + NumberText.count(failed) + " failed")
                + (retrying == 0 ? "" : ", " + NumberText.count(retrying) + (more ? "+" : "") + " still retrying");
    }

    /** The label of a response. */
    public static String response(StatisticsView.Response response) {
        return response.status() != null
                ? "HTTP " + response.status()
                : Words.of("response", response.kind(), response.kind());
    }

    /** The log of deliveries with a response. */
    public static String log(String name, StatisticsView.Response response) {
        if (response.success()) {
            return log(name) + "&status=delivered";
        }
        return log(name)
                + (response.status() != null ? "&httpStatus=" + response.status() : "&fault=" + response.kind());
    }
}
