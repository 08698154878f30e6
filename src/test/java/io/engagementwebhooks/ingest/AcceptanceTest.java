package io.engagementwebhooks.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.OneWebhook;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An accepted event is stored once and completely (semantics 1 to 6), on the running product. */
@Timeout(300)
class AcceptanceTest {

    private static final String KEY = "an-admin-key-of-acme";
    private static final String BATCH = "application/cloudevents-batch+json";

    @AutoClose
    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(204));

    @AutoClose
    private final RunningProduct product = RunningProduct.shared(OneWebhook.all(KEY, receiver.url()));

    private static String event(String id, String data) {
        return "{\"specversion\":\"1.0\",\"id\":\"" + id + "\",\"source\":\"/s\",\"type\":\"call.ended\",\"data\":"
                + data + "}";
    }

    private HttpResponse<String> send(String id, String data) {
        return product.postEvent(KEY, event(id, data));
    }

    private List<String> deliveredEvents() {
        List<String> events = new ArrayList<>();
        product.read("/v1/deliveries?limit=200", KEY)
                .get("items")
                .forEach(item -> events.add(item.get("event").asText()));
        return events;
    }

    @Test
    void of_concurrent_duplicates_one_is_accepted() throws Exception {
        int senders = 16;
        ExecutorService threads = Executors.newFixedThreadPool(senders);
        try {
            for (int round = 0; round < 10; round++) {
                String id = "twin-" + round;
                CyclicBarrier together = new CyclicBarrier(senders);
                List<Future<HttpResponse<String>>> answers = IntStream.range(0, senders)
                        .mapToObj(i -> threads.submit(() -> {
                            together.await();
                            return send(id, "{\"a\":1}");
                        }))
                        .toList();
                int accepted = 0;
                for (Future<HttpResponse<String>> answer : answers) {
                    JsonNode body = RunningProduct.json(answer.get());
                    assertEquals(1, body.get("deliveries").asInt());
                    if (answer.get().statusCode() == 202) {
                        assertFalse(body.has("duplicate"));
                        accepted++;
                    } else {
                        assertEquals(200, answer.get().statusCode(), body.toString());
                        assertTrue(body.get("duplicate").asBoolean());
                    }
                }
                assertEquals(1, accepted);
                product.awaitDeliveries(KEY, id, 1, "delivered");
            }
        } finally {
            threads.shutdownNow();
        }
        assertEquals(10, receiver.requests().size());
    }

    @Test
    void the_same_id_with_other_data_is_refused_and_the_first_stays() {
        assertEquals(202, send("reused", "{\"a\":1}").statusCode());
        HttpResponse<String> answer = send("reused", "{\"a\":2}");
        assertEquals(409, answer.statusCode());
        assertEquals(
                "urn:engagement-webhooks:problem:id-reused",
                RunningProduct.json(answer).get("type").asText());
        assertEquals(409, send("reused", "{\"a\": 1}").statusCode(), "compared byte for byte");
        product.awaitDeliveries(KEY, "reused", 1, "delivered");
        assertTrue(receiver.requests().get(0).body().contains("{\"a\":1}"));
    }

    @Test
    void the_same_id_of_another_source_is_another_event() {
        send("1", "1");
        assertEquals(
                202, product.postEvent(KEY, event("1", "2").replace("/s", "/t")).statusCode());
    }

    @Test
    void a_batch_is_accepted_in_its_order_and_again_as_duplicates() {
        String batch = IntStream.range(0, 3)
                .mapToObj(i -> event("b" + i, Integer.toString(i)))
                .collect(Collectors.joining(",", "[", "]"));
        send("b1", "1");
        HttpResponse<String> first = product.post("/v1/events", KEY, BATCH, batch);
        assertEquals(202, first.statusCode());
        assertEquals(
                "{\"events\":[{\"id\":\"b0\",\"deliveries\":1},{\"id\":\"b1\",\"deliveries\":1,\"duplicate\":true},"
                        + "{\"id\":\"b2\",\"deliveries\":1}]}",
                first.body());
        assertEquals(200, product.post("/v1/events", KEY, BATCH, batch).statusCode());
    }

    @Test
    void a_batch_with_one_fault_stores_nothing() {
        send("known", "1");
        for (String bad : List.of("{\"specversion\":\"1.0\"}", event("known", "2"), event("n1", "3"))) {
            String batch = "[" + event("n1", "1") + "," + event("n2", "2") + "," + bad + "]";
            HttpResponse<String> answer = product.post("/v1/events", KEY, BATCH, batch);
            assertEquals(4, answer.statusCode() / 100, answer.body());
            assertEquals(2, RunningProduct.json(answer).get("index").asInt(), answer.body());
        }
        assertEquals(List.of("known"), deliveredEvents());
        assertEquals(202, send("n1", "1").statusCode(), "it was never there");
    }

    @Test
    void numbers_beyond_double_arrive_as_they_were_sent() {
        String data = "{\"n\":123456789012345678901234567890.12345678901234567890,\"e\":1e400,\"z\":1.10}";
        send("numbers", data);
        product.awaitDeliveries(KEY, "numbers", 1, "delivered");
        assertTrue(
                receiver.requests().get(0).body().contains(data),
                receiver.requests().get(0).body());
    }
}
