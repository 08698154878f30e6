package io.engagementwebhooks.instances;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One product on a PostgreSQL that is sent events without pause while something happens to its database. Promises 1 and 8 are
 * held then: who is refused is reported so and when to come back, what was acknowledged arrives, by one attempt, and again only if it was being
 * sent then, under the same id.
 */
final class Load {

    private static final String KEY = "load-admin-key-0123456789";
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /** Of one webhook; what had been sent when its database went away, and could not be recorded, may be sent again. */
    private static final int MOST_IN_FLIGHT = 256;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private final Map<String, HttpResponse<String>> refused = new ConcurrentHashMap<>();

    /** In the order of their first requests. */
    private final Set<String> arrived = new LinkedHashSet<>();

    private final AtomicInteger next = new AtomicInteger();
    private final AtomicBoolean stop = new AtomicBoolean();
    private final RunningProduct product;

    private Load(RunningProduct product) {
        this.product = product;
    }

    /** What happens to the database. */
    interface Outage {
        void under(Load load) throws Exception;
    }

    static void during(Path folder, int port, Outage outage) throws Exception {
        during(folder, port, "", outage);
    }

    /**
     * Starts a product and goes on sending to it until the database has been away and it has taken events again.
     *
     * @param option of the webhook's delivery, or empty
     */
    static Load during(Path folder, int port, String option, Outage outage) throws Exception {
        try (Receiver receiver = new Receiver(got -> new Receiver.Reply(200));
                RunningProduct product = product(folder, port, receiver.url(), option)) {
            Load load = new Load(product);
            Thread sender = new Thread(load::send, "load");
            sender.start();
            try {
                await().until(() -> receiver.requests().size() > 50);
                outage.under(load);
                int before = load.acknowledged.size();
                await().until(() -> load.acknowledged.size() > before + 50);
                await().until(() -> load.readiness().statusCode() == 200);
            } finally {
                load.stop.set(true);
                sender.join();
            }
            load.assertPromises(receiver);
            receiver.requests().forEach(got -> load.arrived.add(eventId(got)));
            return load;
        }
    }

    /** What was accepted when it was sent first has arrived in this order. */
    void assertInOrder() {
        List<Integer> numbers = arrived.stream()
                .filter(id -> !refused.containsKey(id))
                .map(id -> Integer.valueOf(id.substring(1)))
                .toList();
        assertEquals(numbers.stream().sorted().toList(), numbers);
    }

    private static RunningProduct product(Path folder, int port, URI receiver, String option) {
        return RunningProduct.start(
                folder,
                """
                accounts:
                  - id: acme
                    apiKeys:
                      - {name: all, role: admin, key: %s}
                    webhooks:
                      - name: calls
                        events: [call.ended]
                        delivery:
                          url: %s
                          authentication: {type: none}
                          %s
                """
                        .formatted(KEY, receiver, option),
                "webhooks.store.url=jdbc:postgresql://localhost:" + port + "/postgres",
                "webhooks.store.user=postgres",
                "webhooks.store.key=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
                "webhooks.store.lease=3s");
    }

    private void send() {
        while (!stop.get()) {
            String id = "e" + next.incrementAndGet();
            HttpResponse<String> answer = post(id);
            if (answer.statusCode() == 202) {
                acknowledged.add(id);
            } else {
                refused.put(id, answer);
            }
        }
    }

    private HttpResponse<String> post(String id) {
        return product.post(
                "/v1/events",
                KEY,
                "application/cloudevents+json",
                "{\"specversion\":\"1.0\",\"id\":\"" + id
                        + "\",\"source\":\"/calls\",\"type\":\"call.ended\",\"data\":{\"text\":\"" + "x".repeat(1000)
                        + "\"}}");
    }

    /**
     * Waits until so many events were refused and the product is not ready. A server without room for its log was seen to take a
     * minute until it said so.
     */
    void awaitRefused(int many) {
        await().atMost(PATIENCE.multipliedBy(4)).until(() -> refused.size() >= many);
        await().until(() -> readiness().statusCode() == 503);
    }

    /** The response of the product's readiness probe. */
    HttpResponse<String> readiness() {
        return product.send(HttpRequest.newBuilder(product.managementUrl("/observe/health/ready"))
                .build());
    }

    private void assertPromises(Receiver receiver) {
        assertTrue(!refused.isEmpty());
        refused.forEach((id, answer) -> {
            assertEquals(503, answer.statusCode(), answer.body());
            assertTrue(answer.headers().firstValue("Retry-After").isPresent(), answer.body());
        });
        // of a commit that was in flight no one knows: sent again, it is a duplicate or new, and never half of it
        refused.keySet().stream().limit(20).forEach(id -> {
            HttpResponse<String> again = post(id);
            assertTrue(again.statusCode() == 202 || again.statusCode() == 200, again.body());
            assertEquals(1, RunningProduct.json(again).get("deliveries").asInt(), again.body());
            acknowledged.add(id);
        });
        await().until(() -> missing(receiver).isEmpty());
        assertEachHadOneAttempt();
        Copies.of(receiver).assertRepeatedUnderTheSameId(MOST_IN_FLIGHT);
    }

    private Set<String> missing(Receiver receiver) {
        Set<String> missing = new HashSet<>(acknowledged);
        receiver.requests().forEach(got -> missing.remove(eventId(got)));
        return missing;
    }

    private static String eventId(Receiver.Got got) {
        try {
            return JSON.readTree(got.body()).path("id").asText();
        } catch (IOException e) {
            throw new AssertionError(got.body(), e);
        }
    }

    private void assertEachHadOneAttempt() {
        String cursor = "";
        int seen = 0;
        do {
            JsonNode page = product.read("/v1/deliveries?limit=200" + cursor, KEY);
            for (JsonNode item : page.path("items")) {
                if (acknowledged.contains(item.path("event").asText())) {
                    seen++;
                    assertEquals(1, delivered(item).path("attemptCount").asInt(), item.toString());
                }
            }
            cursor = page.path("next").isTextual()
                    ? "&cursor=" + page.path("next").asText()
                    : "";
        } while (!cursor.isEmpty());
        assertEquals(acknowledged.size(), seen);
    }

    /** One that is listed, when it has arrived. */
    private JsonNode delivered(JsonNode item) {
        return item.path("state").asText().equals("delivered")
                ? item
                : await().until(
                                () -> product.read(
                                        "/v1/deliveries/" + item.path("id").asText(), KEY),
                                read -> read.path("state").asText().equals("delivered"));
    }
}
