package io.engagementwebhooks.trace;

import io.engagementwebhooks.event.TraceParent;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;

/** Places in traces as OpenTelemetry has them, and as they are sent and kept. */
public final class TraceLocation {

    private TraceLocation() {}

    /** What a span below it is to be made in. */
    public static Context below(TraceParent place) {
        return Context.root().with(Span.wrap(link(place)));
    }

    /** What a span that belongs to another trace can point to. */
    public static SpanContext link(TraceParent place) {
        return SpanContext.createFromRemoteParent(
                place.trace(), place.parent(), TraceFlags.fromHex(place.flags(), 0), TraceState.getDefault());
    }

    /** The location of a span for its children, also of a span that is not exported. */
    public static TraceParent of(Span span) {
        SpanContext place = span.getSpanContext();
        return new TraceParent(
                place.getTraceId(), place.getSpanId(), place.getTraceFlags().asHex());
    }
}
