package io.engagementwebhooks.ingest;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.server.HttpCall;
import java.util.List;
import java.util.Optional;

/**
 * Makes events parts of the traces of their senders, where that is switched on: by the request's header, or else by the
 * event's own attribute, both named {@code traceparent}. What is no trace is passed over. Thread-safe.
 */
public enum Tracing {
    /** Events are parts of no trace. */
    OFF {
        @Override
        Event traced(Event event, String header) {
            return event;
        }
    },
    ON {
        @Override
        Event traced(Event event, String header) {
            Optional<TraceParent> trace = TraceParent.of(header)
                    .or(() -> TraceParent.of(event.tree().path(TraceParent.NAME).textValue()));
            return trace.map(event::traced).orElse(event);
        }
    };

    /** @param header null: there is none */
    abstract Event traced(Event event, String header);

    List<Event> traced(List<Event> events, HttpCall call) {
        List<String> headers = call.headers().getOrDefault(TraceParent.NAME, List.of());
        // of several, none is to be trusted
        String header = headers.size() == 1 ? headers.get(0) : null;
        return this == OFF
                ? events
                : events.stream().map(event -> traced(event, header)).toList();
    }
}
