package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Documented;
import io.engagementwebhooks.testkit.KafkaBroker;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sink Kamelets of Camel's catalog are destinations, by the route of docs/camel.md, against real parts. */
@Timeout(300)
class CatalogSinksTest {

    private static final String KEY = "acme-admin-key-of-sinks";
    private static final KafkaBroker BROKER = KafkaBroker.shared();
    private static final String TOPIC = BROKER.newTopic(1);
    private static final Queue<Integer> STATUSES = new ConcurrentLinkedQueue<>(List.of(500, 204));

    @AutoClose
    private static final Receiver RECEIVER = new Receiver(got -> new Receiver.Reply(STATUSES.remove()));

    private static RunningProduct product;

    @BeforeAll
    static void start() throws Exception {
        product = RunningProduct.shared(
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: anna, role: admin, key: %s}]
                    webhooks:
                      - {name: to-kafka, events: [to.kafka], delivery: {%s destination: sinks-kafka}}}
                      - {name: to-http, events: [to.http], retry: [100ms], delivery: {%s destination: sinks-http}}}
                """
                        .formatted(KEY, shown(), shown()));
        String route = Documented.page(Path.of("docs/camel.md")).blocks("yaml").stream()
                .filter(block -> block.contains("kamelet:kafka-sink"))
                .findFirst()
                .orElseThrow()
                .replace("constant: acme", "constant: " + product.account("acme"));
        load(route.replace("deliver-kafka", "deliver-sinks-kafka")
                .replace("topic: calls", "topic: " + TOPIC)
                .replace("kafka-1:9092", BROKER.brokers()));
        load(route.replace("deliver-kafka", "deliver-sinks-http")
                .replace("id: kafka-", "id: http-")
                .replace("to-kafka", "to-http")
                .replace("kamelet:kafka-sink", "kamelet:http-sink")
                .replaceFirst(
                        "parameters: \\{[^}]*}",
                        "parameters: {url: \"http://127.0.0.1:" + RECEIVER.port() + "/sink\"}"));
    }

    private static String shown() {
        return "url: \"https://shown.example.com\", authentication: {type: custom,";
    }

    private static void load(String route) throws Exception {
        PluginHelper.getRoutesLoader(product.camel()).loadRoutes(ResourceHelper.fromString("sinks.camel.yaml", route));
    }

    @AfterAll
    static void stop() throws Exception {
        for (String route : List.of("deliver-sinks-kafka", "deliver-sinks-http")) {
            product.camel().getRouteController().stopRoute(route);
            product.camel().removeRoute(route);
        }
        product.close();
    }

    private static JsonNode delivered(String type) {
        assertEquals(
                202,
                product.postEvent(
                                KEY,
                                "{\"id\": \"" + type + "\", \"source\": \"/sinks\", \"type\": \"" + type
                                        + "\", \"data\": {\"cdr_id\": 7}}")
                        .statusCode());
        return product.awaitDeliveries(KEY, type, 1, "delivered").path(0);
    }

    @Test
    void kafka_sink_sends_the_event_to_the_topic_with_the_id_of_the_delivery() {
        JsonNode delivery = delivered("to.kafka");
        List<KafkaBroker.Got> records = BROKER.all(TOPIC);
        assertEquals(1, records.size());
        assertTrue(
                records.get(0).value().contains("\"cdr_id\": 7"), records.get(0).value());
        assertEquals(delivery.path("id").asText(), records.get(0).headers().get("webhook-id"));
    }

    @Test
    void an_exception_of_http_sink_is_a_failed_attempt_which_is_retried() {
        assertEquals(2, delivered("to.http").path("attemptCount").asInt());
        assertEquals(2, RECEIVER.requests().size());
        assertTrue(RECEIVER.requests().get(1).body().contains("\"cdr_id\": 7"));
    }
}
