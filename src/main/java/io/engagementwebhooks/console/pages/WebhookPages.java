package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.server.ProblemException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Webhooks: the list, and what may be done with one while it runs. Thread-safe. */
final class WebhookPages implements Area {

    private static final String AREA = "webhooks";
    private static final String KIND = "webhooks";
    private static final String PATH = PageRoutes.HOME + "/" + AREA;

    private final Api api;
    private final Look look;

    WebhookPages(Api api, Look look) {
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
        boolean isFirst = text.isEmpty() && request.query().text("cursor").isEmpty();
        parameters.put("gone", isFirst ? gone(session) : List.of());
        return look.page("webhooks", "Webhooks", AREA, session, parameters);
    }

    /** Webhooks that are set up no more, of those of which most waits. */
    private List<JsonNode> gone(Session session) {
        List<JsonNode> gone = new ArrayList<>();
        for (JsonNode waiting : api.get(session, "showFigures", "/v1/figures", Map.of("hours", "1"))
                .body()
                .path("waiting")) {
            if (!isSetUp(session, waiting.path("webhook").asText())) {
                gone.add(waiting);
            }
        }
        return gone;
    }

    private boolean isSetUp(Session session, String name) {
        try {
            api.get(session, "showWebhook", Api.path(KIND, name));
            return true;
        } catch (ProblemException e) {
            if (e.problem().status() != 404) {
                throw e;
            }
            return false;
        }
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
                    session.tell(done.path("deliveries").asLong() + " deliveries of '" + name + "' are tried now."
                            + more(done));
                }
                case "discard" -> {
                    JsonNode done = api.post(session, "discardDeliveries", Api.path(KIND, name, "discard"), null)
                            .body();
                    session.tell(done.path("deliveries").asLong() + " deliveries of '" + name + "' are discarded."
                            + more(done));
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
