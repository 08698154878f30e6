package io.engagementwebhooks.instances;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.testkit.ForkedProduct;
import io.engagementwebhooks.testkit.KafkaBroker;
import io.engagementwebhooks.testkit.OneWebhook;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.TestResources;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two instances in one consumer group on one PostgreSQL: partitions move between them, and one is killed. */
@Tag("slow")
@Timeout(300)
class KafkaGroupTest extends TestResources {

    private static final String KEY = "kafka-group-admin-key-0123456789";
    private static final String GROUP = "two-instances";
    private static final KafkaBroker BROKER = KafkaBroker.shared();
    private static final int PARTITIONS = 4;
    private static final int KEYS = 7;
    private static final int EVENTS = 600;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    Path folder;

    private final SharedDatabase database = opened(new SharedDatabase());
    private final String topic = BROKER.newTopic(PARTITIONS);
    private final String deadLetters = BROKER.newTopic(1);

    private ForkedProduct instance(String name, URI receiver) {
        return opened(ForkedProduct.start(
                folder.resolve(name),
                OneWebhook.all(KEY, receiver),
                KEY,
                database.settings(
                        "webhooks.store.lease=3s",
                        "webhooks.kafka.brokers=" + BROKER.brokers(),
                        "webhooks.kafka.topics=" + topic + "=acme",
                        "webhooks.kafka.group=" + GROUP,
                        "webhooks.kafka.dead-letters=" + deadLetters,
                        "camel.component.kafka.configuration.sessionTimeoutMs=6000",
                        "camel.component.kafka.configuration.heartbeatIntervalMs=1000")));
    }

    private void send(int from, int to) {
        for (int i = from; i < to; i++) {
            BROKER.send(
                    topic,
                    "key-" + i % KEYS,
                    "{\"id\":\"" + i + "\",\"source\":\"/s\",\"type\":\"t\",\"subject\":\"key-" + i % KEYS
                            + "\",\"data\":{}}");
        }
    }

    private void awaitStored(int events) {
        await().atMost(PATIENCE)
                .until(() -> database.query("SELECT count(*) FROM event").get(0) >= events);
    }

    @Test
    void a_rebalance_and_a_kill_make_no_second_delivery_and_keep_the_order_of_each_key() throws IOException {
        try (Receiver receiver = new Receiver(got -> new Receiver.Reply(204))) {
            ForkedProduct first = instance("a", receiver.url());
            send(0, 200);
            awaitStored(1);
            instance("b", receiver.url()); // joins while the first reads
            send(200, 400);
            awaitStored(201);
            kill(first);
            send(400, EVENTS);
            awaitStored(EVENTS);
            await().atMost(PATIENCE).until(() -> BROKER.committed(GROUP, topic) == EVENTS);
            await().atMost(PATIENCE).until(() -> database.query("SELECT count(*) FROM delivery WHERE state = 'waiting'")
                    .equals(List.of(0)));

            assertEquals(List.of(EVENTS), database.query("SELECT count(*) FROM event"));
            assertEquals(List.of(EVENTS), database.query("SELECT count(*) FROM delivery"));
            Set<String> messages = receiver.requests().stream()
                    .map(got -> got.header("webhook-id"))
                    .collect(Collectors.toSet());
            assertEquals(EVENTS, messages.size(), "what a kill repeats has the same id");
            for (int key = 0; key < KEYS; key++) {
                int ofKey = key;
                assertEquals(
                        IntStream.range(0, EVENTS)
                                .filter(i -> i % KEYS == ofKey)
                                .boxed()
                                .toList(),
                        database.query("SELECT id::int FROM event WHERE subject = 'key-" + key + "' ORDER BY key"));
            }
        }
    }

    private static void kill(ForkedProduct product) {
        try {
            product.kill();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
