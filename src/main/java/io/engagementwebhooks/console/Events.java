package io.engagementwebhooks.console;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.store.EventStore;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.Processor;

/** The events of the caller's account, and the data of one. Thread-safe. */
final class Events {

    /** What the number of an event has in front of it. */
    static final String PREFIX = "evt_";

    private final EventStore events;

    Events(EventStore events) {
        this.events = events;
    }

    /** {@code GET /v1/events}: newest first. */
    public Processor list() {
        return ApiStep.ok(request -> {
            Parameters given = request.parameters("event", Parameters.LIMIT, Parameters.CURSOR);
            String id = given.text("event");
            String scope = "events\n" + request.account() + "\n" + id;
            long before = given.afterNumber(scope);
            return Page.ofRows(
                    limit -> events.events(request.account(), id, before, limit),
                    given.limit(),
                    scope,
                    row -> Long.toString(row.key()),
                    Events::view);
        });
    }

    /** {@code GET /v1/events/{id}}: with its document, as it was received. */
    public Processor one() {
        return ApiStep.ok(request -> {
            request.parameters();
            long key = key(request.resource());
            EventStore.EventRow row = events.row(request.account(), key)
                    .orElseThrow(() -> new ProblemException(Problem.notFound("this account has no event of that id")));
            Map<String, Object> view = view(row);
            view.put(
                    "document",
                    events.event(request.account(), key).map(Event::tree).orElse(null));
            return view;
        });
    }

    /** The number in an id that the list gave; -1: it is none. */
    static long key(String id) {
        String digits = id.startsWith(PREFIX) ? id.substring(PREFIX.length()) : "";
        return digits.matches("\\d{1,18}") ? Long.parseLong(digits) : -1;
    }

    private static Map<String, Object> view(EventStore.EventRow row) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("id", PREFIX + row.key());
        view.put("event", row.id());
        view.put("source", row.source());
        view.put("type", row.type());
        view.put("subject", row.subject());
        view.put("time", DeliveryView.text(row.time()));
        view.put("acceptedAt", DeliveryView.text(row.acceptedAt()));
        view.put("deliveries", row.deliveries());
        view.put("hasPayload", row.hasPayload());
        return view;
    }
}
