package io.engagementwebhooks.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.camel.Exchange;
import org.apache.camel.component.kafka.KafkaClientFactory;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.component.kafka.consumer.DefaultKafkaManualCommitFactory;
import org.apache.camel.component.kafka.consumer.KafkaManualCommitFactory;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which consumers pause partitions. */
class EventConsumerTest {

    private final KafkaClientFactory factory = EventConsumer.factory(null);

    private Consumer<?, ?> consumer(String clientId) {
        Properties properties = new Properties();
        properties.setProperty("bootstrap.servers", "127.0.0.1:9");
        properties.setProperty("client.id", clientId);
        properties.setProperty("group.id", "any");
        properties.setProperty("key.deserializer", ByteArrayDeserializer.class.getName());
        properties.setProperty("value.deserializer", ByteArrayDeserializer.class.getName());
        return factory.getConsumer(properties);
    }

    private static Exchange batchOf(Consumer<?, ?> consumer) {
        Exchange record = new DefaultExchange(new DefaultCamelContext());
        record.getMessage()
                .setHeader(
                        KafkaConstants.MANUAL_COMMIT,
                        new DefaultKafkaManualCommitFactory()
                                .newInstance(
                                        new KafkaManualCommitFactory.CamelExchangePayload(record, consumer, "", null),
                                        null,
                                        null));
        Exchange batch = new DefaultExchange(record.getContext());
        batch.getMessage().setBody(List.of(record));
        return batch;
    }

    @Test
    void the_client_id_selects_the_event_consumer_in_any_group() {
        try (Consumer<?, ?> events = consumer(EventConsumer.CLIENT_ID);
                Consumer<?, ?> others = consumer("archive")) {
            assertInstanceOf(EventConsumer.class, events);
            assertEquals(KafkaConsumer.class, others.getClass());
            assertTrue(EventConsumer.hasRead(batchOf(events)));
            assertFalse(EventConsumer.hasRead(batchOf(others)));
        }
    }

    /** Its metrics keep their last values. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_closed_consumer_counts_for_the_lag_no_longer(boolean isWithTimeout) throws Exception {
        KafkaConsumers status = new KafkaConsumers("127.0.0.1:9", () -> true, Clock.systemUTC());
        Consumer<?, ?> closed = consumer(EventConsumer.CLIENT_ID);
        metrics(closed)
                .addMetric(
                        new MetricName("records-lag", "consumer-fetch-manager-metrics", "", Map.of("topic", "calls")),
                        (config, now) -> 7);
        status.add(closed);
        assertEquals(7, status.lag("calls"));

        if (isWithTimeout) {
            closed.close(Duration.ofSeconds(1));
        } else {
            closed.close();
        }

        assertEquals(Double.NaN, status.lag("calls"));
        assertFalse(closed.metrics().isEmpty());
    }

    /** The client has no public way to add a metric. */
    private static Metrics metrics(Consumer<?, ?> consumer) throws ReflectiveOperationException {
        Method metrics = KafkaConsumer.class.getDeclaredMethod("metricsRegistry");
        metrics.setAccessible(true);
        return (Metrics) metrics.invoke(consumer);
    }
}
