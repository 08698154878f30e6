package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.engagementwebhooks.server.ProblemException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Deliveries: the list with its filters, and the page of one. Thread-safe. */
final class DeliveryPages implements Area {

    private static final String AREA = "deliveries";
    private static final String KIND = "deliveries";
    private static final String PATH = PageRoutes.HOME + "/" + AREA;
    private static final String WITHIN = "within";

    /** What may be filtered by; names as in the API, but for "within". */
    private static final List<String> FILTERS =
            List.of("text", "webhook", "event", "eventType", "state", "outcome", WITHIN, "from", "to");

    /** The moment that the first page began with, which its further pages keep: they go on in the same list. */
    private static final String SINCE = "since";

    private final Api api;
    private final PageRenderer look;
    private final Clock clock;

    DeliveryPages(Api api, PageRenderer look, Clock clock) {
        this.api = api;
        this.look = look;
        this.clock = clock;
    }

    @Override
    public PageAnswer answer(PageRequest request, Session session) {
        String id = request.segment(1);
        if (request.isPost()) {
            return change(request, session, id);
        }
        return id.isEmpty() ? list(request, session) : one(request, session, id);
    }

    private PageAnswer list(PageRequest request, Session session) {
        Form filter = request.query();
        JsonNode page = MissingNode.getInstance();
        String fault = null;
        Map<String, String> query = query(filter);
        try {
            page = api.get(session, "listDeliveries", "/v1/deliveries", query).body();
        } catch (ProblemException e) {
            fault = e.problem().detail();
        }
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("filter", filter);
        parameters.put("fault", fault);
        parameters.put("page", page);
        parameters.put(
                "filtered", FILTERS.stream().anyMatch(name -> !filter.text(name).isEmpty()));
        parameters.put("here", address(filter));
        parameters.put("site", request.site());
        parameters.put(
                "older",
                page.path("next").isTextual()
                        ? further(filter, query.get("from"), page.path("next").asText())
                        : null);
        return look.page(fault == null ? 200 : 400, "deliveries", "Deliveries", AREA, session, parameters);
    }

    /** The filters as the API takes them: a time of the form is UTC. */
    private Map<String, String> query(Form filter) {
        Map<String, String> query = new LinkedHashMap<>();
        FILTERS.forEach(name -> query.put(name, filter.text(name)));
        query.put("cursor", filter.text("cursor"));
        boolean goesOn = filter.has("cursor") && filter.has(SINCE);
        query.put("from", goesOn ? filter.text(SINCE) : TimeText.begin(filter, clock));
        query.put("to", TimeText.instant(filter.text("to")));
        query.remove(WITHIN);
        return query;
    }

    private static String address(Form filter) {
        List<String> query = new ArrayList<>();
        FILTERS.stream()
                .filter(name -> !filter.text(name).isEmpty())
                .forEach(name -> query.add(name + "=" + Api.encoded(filter.text(name))));
        return PATH + (query.isEmpty() ? "" : "?" + String.join("&", query));
    }

    /** @param since the moment that the list begins with; empty: it begins with the first delivery */
    private static String further(Form filter, String since, String cursor) {
        String here = address(filter);
        return here + (here.equals(PATH) ? "?" : "&") + (since.isEmpty() ? "" : SINCE + "=" + Api.encoded(since) + "&")
                + "cursor=" + Api.encoded(cursor);
    }

    private PageAnswer one(PageRequest request, Session session, String id) {
        JsonNode delivery = api.get(session, "showDelivery", Api.path(KIND, id)).body();
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("delivery", delivery);
        parameters.put("event", event(session, delivery));
        parameters.put("renewed", request.isPartial());
        return look.page("delivery", "Delivery " + id, AREA, session, parameters);
    }

    /** The document of a delivery's event; no object where it is kept no longer. */
    private JsonNode event(Session session, JsonNode delivery) {
        String key = delivery.path("eventKey").asText();
        return api.get(session, "showEvent", Api.path("events", key)).body().path("document");
    }

    private PageAnswer change(PageRequest request, Session session, String id) {
        String path = PATH + "/" + Api.encoded(id);
        try {
            switch (request.segment(2)) {
                case "replay" -> {
                    JsonNode made = api.post(
                                    session, "replayDelivery", Api.path(KIND, id, "replay"), Map.of("newId", true))
                            .body();
                    session.tell("This is the new delivery; the receiver sees another webhook-id.");
                    return PageAnswer.goTo(
                            request, PATH + "/" + Api.encoded(made.path("id").asText()));
                }
                case "again" -> {
                    api.post(session, "replayDelivery", Api.path(KIND, id, "replay"), null);
                    session.tell("It is sent again now, with the same webhook-id.");
                }
                case "retry" -> {
                    api.post(session, "retryDelivery", Api.path(KIND, id, "retry"), null);
                    session.tell("It is tried now.");
                }
                case "cancel" -> {
                    api.post(session, "cancelDelivery", Api.path(KIND, id, "cancel"), null);
                    session.tell("It is cancelled: nothing more is sent of it.");
                }
                default -> session.warn("There is no such thing to do with a delivery.");
            }
        } catch (ProblemException e) {
            session.warn(e.problem().detail());
        }
        return PageAnswer.goTo(request, path);
    }
}
