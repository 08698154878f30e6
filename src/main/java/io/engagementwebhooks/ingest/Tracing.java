package io.engagementwebhooks.ingest;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.server.HttpCall;
import java.util.List;
import java.util.Optional;
import org.apache.camel.Exchange;

/**
 * Makes events parts of the traces of their senders, where that is switched on: by the request's header, or else by the
 * event's own attribute, both named {@code traceparent}. What is no trace is passed over. Implementations are thread-safe.
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
            Optional<TraceParent> header = told(call);
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

    /** What a request's header tells; of several, none is to be trusted. */
    static Optional<TraceParent> told(HttpCall call) {
        List<String> headers = call.headers().getOrDefault(TraceParent.NAME, List.of());
        return headers.size() == 1 ? TraceParent.of(headers.get(0)) : Optional.empty();
    }

    /** What an event's own attribute tells. */
    static Optional<TraceParent> own(Event event) {
        return TraceParent.of(event.tree().path(TraceParent.NAME).textValue());
    }
}
