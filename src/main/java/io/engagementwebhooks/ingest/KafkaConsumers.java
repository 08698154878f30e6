package io.engagementwebhooks.ingest;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.BooleanSupplier;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.Metric;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The status of the Kafka consumers: the connection to brokers, and the lag in records. Logs when the last broker is
 * lost and when one is connected again. Thread-safe.
 */
public final class KafkaConsumers {

    private static final Logger LOG = LoggerFactory.getLogger(KafkaConsumers.class);

    /** The interval of {@link #checkConnection}, since Kafka's client does not report reconnections. */
    public static final Duration CHECK_INTERVAL = Duration.ofSeconds(5);

    private final Set<Consumer<?, ?>> consumers =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    private final String brokers;
    private final BooleanSupplier isRouteRunning;
    private final InstantSource clock;
    private Instant disconnectedSince;
    private boolean isLost;

    /**
     * @param brokers for the log
     * @param isRouteRunning whether the route that reads from Kafka is running
     * @param clock for the duration of an outage
     */
    public KafkaConsumers(String brokers, BooleanSupplier isRouteRunning, InstantSource clock) {
        this.brokers = brokers;
        this.isRouteRunning = isRouteRunning;
        this.clock = clock;
    }

    /** Adds a consumer, by a weak reference. */
    void add(Consumer<?, ?> consumer) {
        consumers.add(consumer);
    }

    /** Whether any consumer is connected to a broker. */
    public boolean areConnected() {
        return values("consumer-metrics", "connection-count")
                        .mapToDouble(KafkaConsumers::value)
                        .sum()
                > 0;
    }

    /** The lag of a topic in records, as of the last fetch of each partition of this instance; NaN: unknown. */
    public double lag(String topic) {
        // the client replaces dots in the tag by underscores
        Set<String> names = new HashSet<>(List.of(topic, topic.replace('.', '_')));
        double[] lags = values("consumer-fetch-manager-metrics", "records-lag")
                .filter(metric -> names.contains(metric.metricName().tags().getOrDefault("topic", "")))
                .mapToDouble(KafkaConsumers::value)
                .filter(lag -> !Double.isNaN(lag))
                .toArray();
        return lags.length == 0 ? Double.NaN : DoubleStream.of(lags).sum() + recordsToReread(topic);
    }

    /** The records that paused partitions must read again; Kafka's client counts them as read. */
    private long recordsToReread(String topic) {
        return consumers()
                .mapToLong(each -> each instanceof EventConsumer consumer ? consumer.recordsToReread(topic) : 0)
                .sum();
    }

    private Stream<Consumer<?, ?>> consumers() {
        synchronized (consumers) {
            consumers.removeIf(each -> each instanceof EventConsumer consumer && consumer.isClosed());
            return List.copyOf(consumers).stream();
        }
    }

    private Stream<Metric> values(String group, String name) {
        return consumers()
                .<Metric>flatMap(consumer -> consumer.metrics().values().stream())
                .filter(metric -> metric.metricName().name().equals(name)
                        && metric.metricName().group().equals(group));
    }

    private static double value(Metric metric) {
        return metric.metricValue() instanceof Number number ? number.doubleValue() : Double.NaN;
    }

    /** Checks the connection. Brokers are lost after two checks in a row without one. */
    public synchronized void checkConnection() {
        boolean isRunning = isRouteRunning.getAsBoolean();
        if (!isRunning || areConnected()) {
            if (isRunning && isLost) {
                LOG.info(
                        "kafka.resumed brokers={} seconds={}",
                        brokers,
                        Duration.between(disconnectedSince, clock.instant()).toSeconds());
            }
            disconnectedSince = null;
            isLost = false;
        } else if (disconnectedSince == null) {
            disconnectedSince = clock.instant();
        } else if (!isLost) {
            isLost = true;
            LOG.warn("kafka.lost brokers={}: no broker is connected; events from Kafka wait there", brokers);
        }
    }
}
