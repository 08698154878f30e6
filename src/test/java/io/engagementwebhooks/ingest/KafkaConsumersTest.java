package io.engagementwebhooks.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.LogLines;
import io.engagementwebhooks.testkit.SettableClock;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The status from the client's own metrics. */
class KafkaConsumersTest {

    @AutoClose
    private final LogLines lines = new LogLines(KafkaConsumers.class);

    private final SettableClock clock = new SettableClock(Instant.EPOCH);
    private final AtomicBoolean running = new AtomicBoolean(true);
    private final KafkaConsumers consumers = new KafkaConsumers("kafka:9092", running::get, clock);
    private final Map<MetricName, Metric> metrics = new HashMap<>();
    private final Consumer<?, ?> consumer = (Consumer<?, ?>) Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Consumer.class},
            (proxy, method, arguments) -> switch (method.getName()) {
                case "metrics" -> metrics;
                case "hashCode" -> 1;
                case "equals" -> proxy == arguments[0];
                default -> throw new UnsupportedOperationException(method.getName());
            });

    private record Value(MetricName metricName, Object metricValue) implements Metric {}

    @BeforeEach
    void add() {
        consumers.add(consumer);
    }

    private void metric(String group, String name, Map<String, String> tags, double value) {
        MetricName of = new MetricName(name, group, "", tags);
        metrics.put(of, new Value(of, value));
    }

    private void connections(double count) {
        metric("consumer-metrics", "connection-count", Map.of("client-id", "engagement-webhooks"), count);
    }

    private void look(int times) {
        for (int i = 0; i < times; i++) {
            consumers.checkConnection();
            clock.pass(Duration.ofSeconds(5));
        }
    }

    @Test
    void loss_and_return_of_brokers_are_logged_once_each() {
        connections(2);
        look(3);
        assertTrue(consumers.areConnected());
        connections(0);
        look(20);
        assertFalse(consumers.areConnected());
        connections(1);
        look(3);
        assertEquals(
                List.of(
                        "kafka.lost brokers=kafka:9092: no broker is connected; events from Kafka wait there",
                        "kafka.resumed brokers=kafka:9092 seconds=100"),
                lines.texts());
    }

    @Test
    void a_reconnection_and_a_stopped_route_are_not_logged_as_loss() {
        connections(1);
        look(1);
        connections(0);
        look(1);
        connections(1);
        look(1);
        running.set(false);
        connections(0);
        look(5);
        assertEquals(List.of(), lines.texts());
    }

    @Test
    void the_lag_of_a_topic_sums_its_fetched_partitions() {
        for (int partition = 0; partition < 3; partition++) {
            metric(
                    "consumer-fetch-manager-metrics",
                    "records-lag",
                    Map.of("topic", "calls_eu", "partition", "" + partition),
                    partition == 2 ? Double.NaN : 10 + partition);
        }
        assertEquals(21, consumers.lag("calls.eu"));
        assertEquals(21, consumers.lag("calls_eu"));
        assertEquals(Double.NaN, consumers.lag("forms"));
        assertEquals(Double.NaN, consumers.lag("forms.eu"));
    }
}
