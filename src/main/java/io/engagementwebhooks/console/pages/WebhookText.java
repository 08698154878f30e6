package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.console.ResponseKind;
import io.engagementwebhooks.console.StatisticsView;
import io.engagementwebhooks.console.TargetView;
import io.engagementwebhooks.console.WebhookView;
import io.engagementwebhooks.webhook.Target;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Texts for webhooks on pages. */
public final class WebhookText {

    private static final int FEW_EVENTS = 2;

    private WebhookText() {}

    /** Explains a webhook's health. */
    public static String meaning(String health) {
        return switch (health) {
            case "healthy" -> "At least 95 % of the last 20 attempts succeeded.";
            case "degraded" -> "Fewer than 95 % of the last 20 attempts succeeded.";
            case "failing" ->
                "5 attempts or more in a row failed over at least a minute, none of the last 20 succeeded, or no retry can"
                        + " succeed. 5 successes in a row end it.";
            case "paused" -> "A person paused it. Its deliveries are queued.";
            case "disabled" -> "Its receiver is gone, or it failed for too long. Its deliveries are queued.";
            case "no-traffic" -> "It had no delivery in the last 24 hours.";
            default -> "";
        };
    }

    /** A range as the past: "in the last hour". @param range such as 1 hour or 7 days */
    static String past(String range) {
        return range.replaceFirst("^1 ", "");
    }

    /** The name of a type of authentication. */
    public static String authentication(String type) {
        return switch (type) {
            case "none" -> "None (signed only)";
            case "header" -> "Authorization header";
            case "api-key" -> "API key";
            case "oauth2" -> "OAuth2";
            case "salesforce" -> "Salesforce";
            case "contentsquare" -> "Contentsquare";
            default -> type;
        };
    }

    /** The name of a signature scheme. */
    public static String scheme(String scheme) {
        return switch (scheme) {
            case "v1" -> "v1, shared secret";
            case "v1a" -> "v1a, public key";
            default -> scheme;
        };
    }

    /** The host, the third party or the e-mail addresses that it sends to. */
    public static String host(TargetView target) {
        if (target == null) {
            return "–";
        }
        if (target.kind().equals(Target.Email.DESTINATION)) {
            return target.url().replaceFirst("^mailto:", "").replace(",", ", ");
        }
        if (target.url() != null) {
            return hostOf(target.url());
        }
        String kind = authentication(target.kind());
        return target.object() == null ? kind : kind + " " + target.object();
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

    /** The first event types, and how many more. */
    public static String events(List<String> events) {
        String first = events.stream().limit(FEW_EVENTS).collect(Collectors.joining(", "));
        return events.size() <= FEW_EVENTS ? first : first + " +" + (events.size() - FEW_EVENTS);
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
    public static String success(StatisticsView.Deliveries deliveries) {
        if (deliveries.successRate() == null) {
            return "No delivery was sent.";
        }
        String text = NumberText.count(deliveries.delivered()) + " of "
                + (deliveries.tried() == 1 ? "1 delivery" : NumberText.count(deliveries.tried()) + " deliveries");
        String failed = deliveries.failed() == 0 ? "" : ", " + NumberText.count(deliveries.failed()) + " failed";
        return text
                + failed
                + (deliveries.retrying() == 0
                        ? ""
                        : ", " + NumberText.count(deliveries.retrying()) + " still retrying");
    }

    /** The label of a response. */
    public static String response(StatisticsView.Response response) {
        return response.status() != null ? "HTTP " + response.status() : kind(response.kind());
    }

    private static String kind(String kind) {
        return switch (ResponseKind.valueOf(kind.replace('-', '_').toUpperCase(Locale.ROOT))) {
            case STATUS -> "Response";
            case TIMEOUT -> "Timeout";
            case CONNECTION_REFUSED -> "Connection refused";
            case NAME_NOT_RESOLVED -> "Host name not found";
            case NOT_ALLOWED -> "Address not allowed";
            case CREDENTIAL_REFUSED -> "Credential refused";
            case NOT_SENT -> "Not sent";
            case NO_RESPONSE -> "Connection broken";
        };
    }

    /** The log of deliveries with a response. */
    public static String log(String name, StatisticsView.Response response) {
        if (response.success()) {
            return log(name) + "&status=delivered";
        }
        return log(name) + (response.status() != null ? "&httpStatus=" + response.status() : words(response.kind()));
    }

    private static String words(String kind) {
        return switch (kind) {
            case "timeout" -> "&text=" + Api.encoded("within");
            case "connection-refused" -> "&text=" + Api.encoded("refused the connection");
            case "name-not-resolved" -> "&text=" + Api.encoded("host name could not be resolved");
            case "not-allowed" -> "&text=" + Api.encoded("Not allowed");
            case "credential-refused", "not-sent" -> "&text=" + Api.encoded("token");
            default -> "&outcome=try-later";
        };
    }
}
