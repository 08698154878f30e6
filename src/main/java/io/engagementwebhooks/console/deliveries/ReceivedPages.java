package io.engagementwebhooks.console.deliveries;

import io.engagementwebhooks.api.ListView;
import io.engagementwebhooks.api.delivery.EventDetails;
import io.engagementwebhooks.api.delivery.EventSummary;
import io.engagementwebhooks.api.webhook.TestedView;
import io.engagementwebhooks.console.Api;
import io.engagementwebhooks.console.PageAnswer;
import io.engagementwebhooks.console.PageRenderer;
import io.engagementwebhooks.console.PageRequest;
import io.engagementwebhooks.console.PageRoutes;
import io.engagementwebhooks.console.signin.Session;
import io.engagementwebhooks.server.ProblemException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Received events, with the reason why each webhook matches or not. Thread-safe. */
record ReceivedPages(Api api, PageRenderer renderer) {

    private static final String AREA = "events";
    /** Segment of the path below the area. */
    static final String PART = "received";

    private static final String PATH = PageRoutes.HOME + "/" + AREA + "/" + PART;

    PageAnswer answer(PageRequest request, Session session) {
        String id = request.segment(2);
        if (request.isPost()) {
            return sent(request, session, id);
        }
        return id.isEmpty() ? list(request, session) : one(session, id);
    }

    private PageAnswer list(PageRequest request, Session session) {
        String event = request.query().text("event");
        String cursor = request.query().text("cursor");
        Map<String, String> query = Map.of("event", event, "cursor", cursor);
        ListView<EventSummary> page = api.list(session, "list-events", query, EventSummary.class);
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
        return renderer.page("received", "Received events", AREA, session, parameters);
    }

    /** Sends an event to a webhook as a test, which is recorded. */
    private PageAnswer sent(PageRequest request, Session session, String id) {
        try {
            TestedView tested = api.post(
                            session,
                            "test-webhook",
                            Map.of("eventId", id),
                            request.form().text("webhook"))
                    .as(TestedView.class);
            session.inform("Sent as a test.");
            return PageAnswer.goTo(
                    request,
                    tested.delivery() == null
                            ? PATH + "/" + Api.encoded(id)
                            : PageRoutes.HOME + "/deliveries/" + Api.encoded(tested.delivery()));
        } catch (ProblemException e) {
            session.warn(e.problem().detail());
            return PageAnswer.goTo(request, PATH + "/" + Api.encoded(id));
        }
    }

    private PageAnswer one(Session session, String id) {
        EventDetails event =
                api.get(session, "show-event", Map.of("matches", "true"), id).as(EventDetails.class);
        return renderer.page(
                "received-event", "Event " + event.event().event(), AREA, session, Map.of("details", event));
    }
}
