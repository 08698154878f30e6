package io.engagementwebhooks.deliver;

import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.store.query.AttemptRow;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.trace.TraceLocation;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import java.net.URI;
import java.util.Optional;
import org.apache.camel.Exchange;

/**
 * Creates one span per attempt, as a child of the event's span, even if that ended days ago. No span is created for a
 * test of a webhook or if nothing was sent. Of the URL, a span has only the server: path and query may hold secrets.
 * Thread-safe.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/semconv/http/http-spans/">Semantic conventions for HTTP spans</a>
 */
public record AttemptSpans(Tracer tracer) implements AttemptTracing {

    /** {@link Span}: the current attempt's span. */
    private static final String SPAN = "webhookSpan";

    private static final String SEND = "POST";
    private static final int REFUSED = 300;
    private static final int HTTPS = 443;
    private static final int HTTP = 80;

    @Override
    public Optional<TraceParent> begin(Exchange exchange) {
        return DeliveryContext.of(exchange).isTrial()
                ? PROPAGATE_ONLY.begin(exchange)
                : span(exchange).map(TraceLocation::of);
    }

    private Optional<Span> span(Exchange exchange) {
        Span begun = exchange.getProperty(SPAN, Span.class);
        if (begun != null) {
            return Optional.of(begun);
        }
        DeliveryContext context = DeliveryContext.of(exchange);
        Optional<TraceParent> event = context.isTrial()
                ? Optional.empty()
                : context.delivery().event().trace();
        Optional<Span> span = event.map(parent -> tracer.spanBuilder(SEND)
                .setSpanKind(SpanKind.CLIENT)
                .setParent(TraceLocation.childContext(parent))
                .setStartTimestamp(context.startedAt())
                .startSpan());
        span.ifPresent(made -> exchange.setProperty(SPAN, made));
        return span;
    }

    @Override
    public Ending ending(Exchange exchange) {
        DeliveryContext context = DeliveryContext.of(exchange);
        Throwable caught = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        Optional<Span> begun = span(exchange);
        return (attempt, end) -> begun.filter(Span::isRecording).ifPresent(span -> {
            Delivery delivery = context.delivery();
            setDeliveryAttributes(span, delivery, attempt);
            setRequestAttributes(span, context.request(), delivery.authentication());
            setResult(span, attempt, caught);
            span.end(end);
        });
    }

    private static void setDeliveryAttributes(Span span, Delivery delivery, AttemptRow attempt) {
        Event event = delivery.event();
        span.setAttribute("webhooks.account", delivery.webhook().account())
                .setAttribute("webhooks.webhook", delivery.webhook().name())
                .setAttribute("webhooks.message_id", delivery.messageId())
                .setAttribute("webhooks.authentication", delivery.authentication())
                .setAttribute("webhooks.attempt", attempt.number())
                .setAttribute("webhooks.outcome", attempt.outcome())
                .setAttribute("cloudevents.event_id", event.id())
                .setAttribute("cloudevents.event_type", event.type());
        if (attempt.number() > 1) {
            span.setAttribute("http.request.resend_count", attempt.number() - 1);
        }
    }

    private static void setRequestAttributes(Span span, OutgoingRequest request, String authentication) {
        URI url = request == null ? null : request.url();
        if (url == null || url.getHost() == null) {
            span.updateName(authentication); // the third party's Camel component knows the URL
            return;
        }
        int defaultPort = "http".equals(url.getScheme()) ? HTTP : HTTPS;
        span.updateName(request.method())
                .setAttribute("http.request.method", request.method())
                .setAttribute("url.scheme", url.getScheme())
                .setAttribute("server.address", url.getHost())
                .setAttribute("server.port", url.getPort() < 0 ? defaultPort : url.getPort());
    }

    private static void setResult(Span span, AttemptRow attempt, Throwable caught) {
        Integer status = attempt.status();
        if (status != null) {
            span.setAttribute("http.response.status_code", status);
        }
        if (attempt.outcome().equals(DeliveryState.DELIVERED.text())) {
            return;
        }
        if (status != null && status >= REFUSED) {
            span.setStatus(StatusCode.ERROR).setAttribute("error.type", Integer.toString(status));
        } else {
            span.setStatus(StatusCode.ERROR, attempt.reason())
                    .setAttribute("error.type", caught == null ? "_OTHER" : cause(caught));
        }
    }

    /** The class name of the root cause. Its message may contain text of the receiver. */
    private static String cause(Throwable caught) {
        Throwable cause = caught;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getClass().getName();
    }
}
