package io.engagementwebhooks.trace;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.net.URI;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs when a collector starts and stops refusing spans, and nothing in between. Thread-safe. */
final class LoggingSpanExporter implements SpanExporter {

    private static final Logger LOG = LoggerFactory.getLogger(LoggingSpanExporter.class);

    private final SpanExporter exporter;
    private final URI collector;
    private final AtomicLong lostSpans = new AtomicLong();

    LoggingSpanExporter(SpanExporter exporter, URI collector) {
        this.exporter = exporter;
        this.collector = collector;
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
        CompletableResultCode sent = exporter.export(spans);
        sent.whenComplete(() -> logResult(sent.isSuccess(), spans.size()));
        return sent;
    }

    private void logResult(boolean taken, int spans) {
        if (!taken && lostSpans.getAndAdd(spans) == 0) {
            LOG.warn("traces.lost collector={}: it takes no spans; deliveries continue, spans are dropped", collector);
        } else if (taken) {
            long missing = lostSpans.getAndSet(0);
            if (missing > 0) {
                LOG.info("traces.recovered collector={} lost={}", collector, missing);
            }
        }
    }

    @Override
    public CompletableResultCode flush() {
        return exporter.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
        return exporter.shutdown();
    }
}
