package io.engagementwebhooks.trace;

import io.engagementwebhooks.event.TraceParent;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;

/** Converts between OpenTelemetry's span contexts and {@link TraceParent}. */
public final class TraceLocation {

    private TraceLocation() {}

    /** The context for a child span. */
    public static Context childContext(TraceParent parent) {
        return Context.root().with(Span.wrap(link(parent)));
    }

    /** The span context to link to from another trace. */
    public static SpanContext link(TraceParent parent) {
        return SpanContext.createFromRemoteParent(
                parent.trace(), parent.parent(), TraceFlags.fromHex(parent.flags(), 0), TraceState.getDefault());
    }

    /** The trace context of a span, also of one that is not exported. */
    public static TraceParent of(Span span) {
        SpanContext parent = span.getSpanContext();
        return new TraceParent(
                parent.getTraceId(), parent.getSpanId(), parent.getTraceFlags().asHex());
    }
}
