package io.engagementwebhooks.ingest;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.server.HttpCall;
import java.util.List;
import java.util.Optional;
import org.apache.camel.Exchange;

/**
 * Adds events to the traces of their senders, if tracing is on. The trace is in the request header {@code traceparent}
 * or the event attribute of that name. An invalid value is ignored. Implementations are thread-safe.
 */
public interface Tracing {

    /** Events have no trace context. */
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

    /** Events keep the trace context of their senders. */
    Tracing ON = new Tracing() {
        @Override
        public List<Event> traced(List<Event> events, HttpCall call, Exchange exchange) {
            Optional<TraceParent> header = ofHeader(call);
            return events.stream()
                    .map(event ->
                            event.withTrace(header.or(() -> ofAttribute(event)).orElse(null)))
                    .toList();
        }

        @Override
        public Event traced(Event event, String header, String topic, Exchange batch) {
            return event.withTrace(
                    TraceParent.of(header).or(() -> ofAttribute(event)).orElse(null));
        }
    };

    /**
     * Adds the events of a request to a trace.
     *
     * @param events empty: the request is refused
     * @param exchange ends with the response
     */
    List<Event> traced(List<Event> events, HttpCall call, Exchange exchange);

    /**
     * Adds the event of a record to a trace.
     *
     * @param header the record's header, or null
     * @param batch ends when the batch of the record is stored
     */
    Event traced(Event event, String header, String topic, Exchange batch);

    /** The trace context of a request's header; repeated headers are ignored. */
    static Optional<TraceParent> ofHeader(HttpCall call) {
        List<String> headers = call.headers().getOrDefault(TraceParent.NAME, List.of());
        return headers.size() == 1 ? TraceParent.of(headers.get(0)) : Optional.empty();
    }

    /** The trace context of an event's attribute. */
    static Optional<TraceParent> ofAttribute(Event event) {
        return TraceParent.of(event.tree().path(TraceParent.NAME).textValue());
    }
}
