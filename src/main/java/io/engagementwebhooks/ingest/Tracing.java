package io.engagementwebhooks.ingest;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.server.HttpCall;
import java.util.List;
import java.util.Optional;
import org.apache.camel.Exchange;

/**
 * Joins events to the traces of their senders, if tracing is on: by the request header {@code traceparent}, or else
 * by the event attribute of that name. An invalid value is ignored. Implementations are thread-safe.
 */
public interface Tracing {

    /** Events are parts of no trace. */
    Tracing OFF = new Tracing() {
        @Override
        public List<Event> traced(List<Event> events, HttpCall call, Exchange exchange) {
            return events;
        }

        @Override
        public Event traced(Event event, String header, String topic, Exchange batch) {
            return event;
        }
    };

    /** Events take their senders' place in a trace with them. */
    Tracing ON = new Tracing() {
        @Override
        public List<Event> traced(List<Event> events, HttpCall call, Exchange exchange) {
            Optional<TraceParent> header = parent(call);
            return events.stream()
                    .map(event -> event.traced(header.or(() -> own(event)).orElse(null)))
                    .toList();
        }

        @Override
        public Event traced(Event event, String header, String topic, Exchange batch) {
            return event.traced(TraceParent.of(header).or(() -> own(event)).orElse(null));
        }
    };

    /**
     * The events of a request.
     *
     * @param events empty: it is refused
     * @param exchange ends when the request is answered
     */
    List<Event> traced(List<Event> events, HttpCall call, Exchange exchange);

    /**
     * The event of a record.
     *
     * @param header the record's, or null: it has none
     * @param batch ends when the record is stored, with others
     */
    Event traced(Event event, String header, String topic, Exchange batch);

    /** The trace of a request's header; several headers are ignored. */
    static Optional<TraceParent> parent(HttpCall call) {
        List<String> headers = call.headers().getOrDefault(TraceParent.NAME, List.of());
        return headers.size() == 1 ? TraceParent.of(headers.get(0)) : Optional.empty();
    }

    /** The trace of an event's attribute. */
    static Optional<TraceParent> own(Event event) {
        return TraceParent.of(event.tree().path(TraceParent.NAME).textValue());
    }
}
