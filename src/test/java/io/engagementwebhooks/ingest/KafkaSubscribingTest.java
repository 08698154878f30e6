package io.engagementwebhooks.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.testkit.SettableClock;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.camel.component.kafka.consumer.support.subcription.TopicInfo;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.junit.jupiter.api.Test;

/** The delay before a reconnecting consumer subscribes again. */
class KafkaSubscribingTest {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final AtomicLong nanos = new AtomicLong(-SECOND);
    private final List<Long> pauses = new ArrayList<>();
    private final List<String> subscribed = new ArrayList<>();
    private final KafkaConsumers consumers =
            new KafkaConsumers("kafka:9092", () -> true, new SettableClock(Instant.EPOCH));
    private final KafkaSubscribing subscribing = new KafkaSubscribing(
            consumer -> "ours".equals(consumer.groupMetadata().groupId()), consumers, nanos::get, pause -> {
                pauses.add(pause);
                nanos.addAndGet(pause);
            });

    private void subscribe(String group) {
        Consumer<?, ?> consumer = (Consumer<?, ?>) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Consumer.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "groupMetadata" -> new ConsumerGroupMetadata(group);
                    case "subscribe" -> {
                        subscribed.add(group);
                        yield null;
                    }
                    case "hashCode" -> 1;
                    case "equals" -> proxy == arguments[0];
                    default -> throw new UnsupportedOperationException(method.getName());
                });
        subscribing.subscribe(consumer, null, new TopicInfo(null, "calls"));
    }

    @Test
    void a_consumer_reconnects_at_most_every_five_seconds() {
        subscribe("ours");
        subscribe("ours");
        nanos.addAndGet(2 * SECOND);
        subscribe("ours");
        assertEquals(List.of(5 * SECOND, 3 * SECOND), pauses);
        assertEquals(List.of("ours", "ours", "ours"), subscribed);
    }

    @Test
    void a_consumer_that_was_connected_longer_reconnects_at_once() {
        subscribe("ours");
        nanos.addAndGet(5 * SECOND);
        subscribe("ours");
        assertEquals(List.of(), pauses);
    }

    @Test
    void a_route_that_is_started_again_and_other_groups_do_not_wait() {
        subscribe("ours");
        CompletableFuture.runAsync(() -> subscribe("ours"), task -> new Thread(task).start())
                .join();
        subscribe("of another route");
        subscribe("of another route");
        assertEquals(List.of(), pauses);
        assertEquals(List.of("ours", "ours", "of another route", "of another route"), subscribed);
    }
}
