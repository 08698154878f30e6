package io.engagementwebhooks.trace;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.net.URI;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Sends spans to a collector by OTLP over HTTP, in batches on a background thread. The queue is bounded: a slow or
 * unreachable collector loses spans, and costs neither memory nor delivery time. A span is sampled only if its sender's
 * was. Thread-safe.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/otlp/">OTLP</a>
 */
public final class SpanExport implements AutoCloseable {

    private static final String SERVICE = "engagement-webhooks";
    private static final int QUEUE_SIZE = 8192;
    private static final int BATCH_SIZE = 512;
    private static final Duration EXPORT_DELAY = Duration.ofSeconds(1);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    /** The longest wait for the export at shutdown. */
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);
    /** The longest attribute value, since callers choose ids. */
    private static final int MAX_VALUE_LENGTH = 256;

    /**
     * The exporter's logger, silenced since it reports each failed batch: {@link LoggingSpanExporter} logs once. The
     * reference keeps it alive.
     */
    private static final Logger SILENCED = Logger.getLogger("io.opentelemetry");

    private final SdkTracerProvider spans;

    /**
     * @param collector endpoint for POST, such as {@code http://collector:4318/v1/traces}
     * @param ratio the sampled share of the traces that begin here: 0 to 1
     * @param version the product's version
     */
    public SpanExport(URI collector, double ratio, String version) {
        SILENCED.setLevel(Level.OFF);
        OtlpHttpSpanExporter exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint(collector.toString())
                .setTimeout(TIMEOUT)
                .setConnectTimeout(TIMEOUT)
                .build();
        spans = SdkTracerProvider.builder()
                .setResource(Resource.create(Attributes.of(
                        AttributeKey.stringKey("service.name"),
                        SERVICE,
                        AttributeKey.stringKey("service.version"),
                        version,
                        AttributeKey.stringKey("service.instance.id"),
                        UUID.randomUUID().toString())))
                .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(ratio)))
                .setSpanLimits(SpanLimits.builder()
                        .setMaxAttributeValueLength(MAX_VALUE_LENGTH)
                        .build())
                .addSpanProcessor(BatchSpanProcessor.builder(new LoggingSpanExporter(exporter, collector))
                        .setMaxQueueSize(QUEUE_SIZE)
                        .setMaxExportBatchSize(BATCH_SIZE)
                        .setScheduleDelay(EXPORT_DELAY)
                        .setExporterTimeout(TIMEOUT)
                        .build())
                .build();
    }

    public Tracer tracer() {
        return spans.get("io.engagementwebhooks");
    }

    /** Sends the queued spans, for at most two seconds. */
    @Override
    public void close() {
        spans.shutdown().join(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    }
}
