package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.console.EventDetails;
import io.engagementwebhooks.console.EventList;
import java.util.LinkedHashMap;
import java.util.Map;

/** The events that came in, those included that no webhook took, and why each webhook would take one or not. Thread-safe. */
final class ReceivedPages implements Area {

    private static final String AREA = "events";
    private static final String PATH = PageRoutes.HOME + "/" + AREA + "/received";

    private final Api api;
    private final PageRenderer look;

    ReceivedPages(Api api, PageRenderer look) {
        this.api = api;
        this.look = look;
    }

    @Override
    public PageAnswer answer(PageRequest request, Session session) {
        String id = request.segment(2);
        return id.isEmpty() ? list(request, session) : one(session, id);
    }

    private PageAnswer list(PageRequest request, Session session) {
        String event = request.query().text("event");
        String cursor = request.query().text("cursor");
        EventList page = api.get(session, "listEvents", "/v1/events", Map.of("event", event, "cursor", cursor))
                .as(EventList.class);
        String here = PATH + (event.isEmpty() ? "" : "?event=" + Api.encoded(event));
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("events", page.items());
        parameters.put("event", event);
        parameters.put("here", cursor.isEmpty() ? here : null);
        parameters.put(
                "older",
                page.next() == null
                        ? null
                        : here + (event.isEmpty() ? "?" : "&") + "cursor=" + Api.encoded(page.next()));
        return look.page("received", "Received events", AREA, session, parameters);
    }

    private PageAnswer one(Session session, String id) {
        EventDetails event = api.get(session, "showEvent", Api.path("events", id), Map.of("matches", "true"))
                .as(EventDetails.class);
        return look.page("received-event", "Event " + event.event().event(), AREA, session, Map.of("details", event));
    }
}
