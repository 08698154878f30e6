package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.engagementwebhooks.server.ProblemException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Webhooks: the list, and what may be done with one while it runs. Thread-safe. */
final class WebhookPages implements Area {

    private static final String AREA = "webhooks";
    private static final String KIND = "webhooks";
    private static final String PATH = PageRoutes.HOME + "/" + AREA;

    private final Api api;
    private final PageRenderer look;

    WebhookPages(Api api, PageRenderer look) {
        this.api = api;
        this.look = look;
    }

    /** How a type of authentication is called. */
    static String kind(String authentication) {
        return switch (authentication) {
            case "none" -> "no credential";
            case "header" -> "Authorization header";
            case "api-key" -> "API key";
            case "oauth2" -> "OAuth client";
            case "salesforce", "contentsquare" -> "connection";
            default -> authentication;
        };
    }

    /** What a webhook's health means. */
    static String meaning(String health) {
        return switch (health) {
            case "healthy" -> "At least 95 % of the last 20 attempts succeeded.";
            case "degraded" -> "Fewer than 95 % of the last 20 attempts succeeded.";
            case "failing" ->
                "5 attempts or more in a row failed over at least a minute, none of the last 20 succeeded, or no retry can"
                        + " succeed. 5 successes in a row end it.";
            case "paused" -> "A person paused it. Its deliveries wait.";
            case "disabled" -> "Its receiver is gone, or it failed for too long. Its deliveries wait.";
            case "no-traffic" -> "It had no delivery in the last 24 hours.";
            default -> "";
        };
    }

    /** Where the path of a URL begins: it is broken there first where it does not fit. */
    static int path(String url) {
        int path = url.indexOf('/', url.indexOf("//") + 2);
        return path < 0 ? url.length() : path;
    }

    @Override
    public PageAnswer answer(PageRequest request, Session session) {
        String name = request.segment(1);
        if (request.isPost()) {
            return change(request, session, name);
        }
        return list(request, session);
    }

    private PageAnswer list(PageRequest request, Session session) {
        String text = request.query().text("text");
        JsonNode page = api.get(
                        session,
                        "listWebhooks",
                        "/v1/webhooks",
                        Map.of("cursor", request.query().text("cursor"), "text", text))
                .body();
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("page", page);
        parameters.put("text", text);
        parameters.put(
                "next",
                page.path("next").isTextual()
                        ? PATH + "?cursor=" + Api.encoded(page.path("next").asText())
                                + (text.isEmpty() ? "" : "&text=" + Api.encoded(text))
                        : null);
        boolean isFirst = request.query().text("cursor").isEmpty();
        JsonNode gone = isFirst ? gone(session, text, request.query().text("gone")) : MissingNode.getInstance();
        parameters.put("gone", gone);
        parameters.put(
                "moreGone",
                gone.path("next").isTextual()
                        ? PATH + "?gone=" + Api.encoded(gone.path("next").asText())
                                + (text.isEmpty() ? "" : "&text=" + Api.encoded(text)) + "#gone"
                        : null);
        return look.page("webhooks", "Webhooks", AREA, session, parameters);
    }

    /**
     * Webhooks that are set up no more, and of which something waits.
     *
     * @param text a part of their names, or empty
     * @param cursor where to go on, or empty
     */
    private JsonNode gone(Session session, String text, String cursor) {
        return api.get(
                        session,
                        "listWaiting",
                        "/v1/waiting",
                        Map.of("configured", "false", "text", text, "cursor", cursor))
                .body();
    }

    private PageAnswer change(PageRequest request, Session session, String name) {
        try {
            switch (request.segment(2)) {
                case "pause" -> {
                    api.post(session, "pauseWebhook", Api.path(KIND, name, "pause"), null);
                    session.tell("Webhook '" + name + "' is paused. Its deliveries wait until you resume it.");
                }
                case "resume" -> {
                    api.post(session, "resumeWebhook", Api.path(KIND, name, "resume"), null);
                    session.tell("Webhook '" + name + "' goes on.");
                }
                case "release" -> {
                    JsonNode done = api.post(session, "releaseDeliveries", Api.path(KIND, name, "release"), null)
                            .body();
                    session.tell("Tried now, of '" + name + "': "
                            + CountText.deliveries(done.path("deliveries").asLong()) + "." + more(done));
                }
                case "discard" -> {
                    JsonNode done = api.post(session, "discardDeliveries", Api.path(KIND, name, "discard"), null)
                            .body();
                    session.tell("Discarded, of '" + done.path("webhook").asText() + "': "
                            + CountText.deliveries(done.path("deliveries").asLong()) + "." + more(done));
                }
                default -> session.warn("There is no such thing to do with a webhook.");
            }
        } catch (ProblemException e) {
            session.warn(e.problem().detail());
        }
        return PageAnswer.goTo(request, PATH);
    }

    private static String more(JsonNode done) {
        return done.path("more").asBoolean() ? " There are more: do it once more." : "";
    }
}
