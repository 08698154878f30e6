package io.engagementwebhooks.ingest;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.ledger.ExchangeEnd;
import io.engagementwebhooks.server.CallerAuthentication;
import io.engagementwebhooks.server.HttpCall;
import io.engagementwebhooks.trace.TraceLocation;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;

/**
 * Creates a span for each authenticated ingest request and each Kafka record, as child of the sender's or as root. The
 * events, and their deliveries, belong to it. In a batch without a request trace, events with their own trace keep it,
 * and the request's span links to them. A span ends with the response. Thread-safe.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/semconv/http/http-spans/">Semantic conventions for HTTP spans</a>
 */
public record IngestSpans(Tracer tracer) implements Tracing {

    private static final int SERVER_ERROR = 500;

    @Override
    public List<Event> traced(List<Event> events, HttpCall call, Exchange exchange) {
        Optional<TraceParent> header = Tracing.ofHeader(call);
        Optional<TraceParent> parent =
                header.isPresent() || events.size() != 1 ? header : Tracing.ofAttribute(events.get(0));
        SpanBuilder builder = tracer.spanBuilder(call.method() + " " + call.path())
                .setSpanKind(SpanKind.SERVER)
                .setParent(below(parent))
                .setStartTimestamp(exchange.getClock().getCreated(), TimeUnit.MILLISECONDS)
                .setAttribute("http.request.method", call.method())
                .setAttribute("http.route", call.path())
                .setAttribute("url.path", call.path())
                .setAttribute(
                        "webhooks.account",
                        CallerAuthentication.caller(exchange).account().id())
                .setAttribute("webhooks.events", events.size());
        boolean isRoot = parent.isEmpty();
        if (isRoot) {
            events.forEach(
                    event -> Tracing.ofAttribute(event).map(TraceLocation::link).ifPresent(builder::addLink));
        }
        Span span = builder.startSpan();
        ExchangeEnd.run(exchange, ended -> answered(span, ended));
        TraceParent context = TraceLocation.of(span);
        return events.stream()
                .map(event ->
                        event.withTrace(isRoot ? Tracing.ofAttribute(event).orElse(context) : context))
                .toList();
    }

    @Override
    public Event traced(Event event, String header, String topic, Exchange batch) {
        Optional<TraceParent> parent = TraceParent.of(header).or(() -> Tracing.ofAttribute(event));
        Span span = tracer.spanBuilder("process " + topic)
                .setSpanKind(SpanKind.CONSUMER)
                .setParent(below(parent))
                .setAttribute("messaging.system", "kafka")
                .setAttribute("messaging.operation.name", "process")
                .setAttribute("messaging.operation.type", "process")
                .setAttribute("messaging.destination.name", topic)
                .setAttribute("webhooks.account", event.account())
                .setAttribute("cloudevents.event_id", event.id())
                .setAttribute("cloudevents.event_type", event.type())
                .startSpan();
        ExchangeEnd.run(batch, ended -> stored(span, ended));
        return event.withTrace(TraceLocation.of(span));
    }

    private static Context below(Optional<TraceParent> parent) {
        return parent.map(TraceLocation::childContext).orElseGet(Context::root);
    }

    private static void failed(Span span, String type) {
        span.setStatus(StatusCode.ERROR).setAttribute("error.type", type);
    }

    /** Ends the span of a request; client errors are not errors of the span. */
    private static void answered(Span span, Exchange exchange) {
        Integer code = exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
        int status = exchange.getException() != null || code == null ? SERVER_ERROR : code;
        span.setAttribute("http.response.status_code", status);
        if (status >= SERVER_ERROR) {
            failed(span, Integer.toString(status));
        }
        span.end();
    }

    private static void stored(Span span, Exchange batch) {
        if (batch.isFailed()) {
            Throwable failure = batch.getException();
            failed(span, failure == null ? "_OTHER" : failure.getClass().getName());
        }
        span.end();
    }
}
