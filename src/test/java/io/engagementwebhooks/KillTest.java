package io.engagementwebhooks;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.Receiver;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Promises 1, 2 and 4 of the engine: what was acknowledged survives SIGKILL, and a repetition has the same id. */
@Timeout(120)
class KillTest {

    private static final int KILLS = 3;
    private static final int SENDERS = 4;
    private static final String KEY = "kill-test-admin-key-0123456789";
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private final AtomicInteger sent = new AtomicInteger();
    private final int port = FreePort.any();
    private Process product;

    @AfterEach
    void killTheLast() {
        if (product != null) {
            product.destroyForcibly();
        }
    }

    @Test
    void every_acknowledged_event_arrives_though_the_process_is_killed_again_and_again() throws Exception {
        // every fifth request fails, so that retries are under way too
        AtomicInteger requests = new AtomicInteger();
        try (Receiver receiver =
                new Receiver(got -> new Receiver.Reply(requests.incrementAndGet() % 5 == 0 ? 500 : 200))) {
            Files.writeString(folder.resolve("webhooks.yaml"), setUp(receiver.url()));
            start();
            for (int kill = 0; kill < KILLS; kill++) {
                killUnderLoad(receiver);
                start();
            }
            await().atMost(Duration.ofSeconds(60)).until(() -> missing(receiver).isEmpty());
            await().atMost(Duration.ofSeconds(60)).until(() -> read("/v1/deliveries?outcome=try-later")
                    .path("items")
                    .isEmpty());
            assertTrue(acknowledged.size() > 20 * KILLS, acknowledged.size() + " were acknowledged");
            assertEachEventHasOneId(receiver);
            assertAttemptsRiseByOne();
        }
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

    private static void assertEachEventHasOneId(Receiver receiver) {
        Map<String, String> ids = new HashMap<>();
        for (Receiver.Got got : List.copyOf(receiver.requests())) {
            String first = ids.putIfAbsent(eventId(got), got.header("webhook-id"));
            assertTrue(first == null || first.equals(got.header("webhook-id")), "a repetition has another webhook-id");
        }
        assertEquals(ids.size(), Set.copyOf(ids.values()).size());
    }

    private void assertAttemptsRiseByOne() throws Exception {
        int several = 0;
        String cursor = "";
        do {
            JsonNode page = read("/v1/deliveries?limit=200" + cursor);
            for (JsonNode item : page.path("items")) {
                assertEquals("delivered", item.path("state").asText(), item.toString());
                if (item.path("attemptCount").asInt() > 1) {
                    several++;
                    assertNumbersRise(item.path("id").asText());
                }
            }
            cursor = page.path("next").isTextual()
                    ? "&cursor=" + page.path("next").asText()
                    : "";
        } while (!cursor.isEmpty());
        assertTrue(several > 0, "some needed several attempts");
    }

    private void assertNumbersRise(String delivery) throws Exception {
        List<Integer> numbers = new ArrayList<>();
        read("/v1/deliveries/" + delivery)
                .path("attempts")
                .forEach(attempt -> numbers.add(attempt.path("number").asInt()));
        assertEquals(IntStream.rangeClosed(1, numbers.size()).boxed().toList(), numbers);
    }

    // --- load

    private void killUnderLoad(Receiver receiver) throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        ExecutorService senders = Executors.newFixedThreadPool(SENDERS);
        try {
            List<Future<?>> sending = IntStream.range(0, SENDERS)
                    .<Future<?>>mapToObj(i -> senders.submit(() -> sendUntil(stop)))
                    .toList();
            int more = 20 + ThreadLocalRandom.current().nextInt(300);
            int before = receiver.requests().size();
            await().atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> receiver.requests().size() >= before + more);
            product.destroyForcibly();
            stop.set(true);
            for (Future<?> one : sending) {
                one.get(30, TimeUnit.SECONDS);
            }
            assertTrue(product.waitFor(30, TimeUnit.SECONDS));
        } finally {
            senders.shutdownNow();
        }
    }

    private void sendUntil(AtomicBoolean stop) {
        while (!stop.get()) {
            String id = "e" + sent.incrementAndGet();
            try {
                HttpResponse<String> answer = client.send(request("/v1/events", event(id)), bodies());
                if (answer.statusCode() == 202) {
                    acknowledged.add(id);
                }
            } catch (IOException e) {
                // killed before it answered: not acknowledged
                continue;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static String event(String id) {
        return "{\"specversion\":\"1.0\",\"id\":\"" + id
                + "\",\"source\":\"/calls\",\"type\":\"call.ended\",\"data\":{\"cdr_id\":\"" + id + "\"}}";
    }

    private static HttpResponse.BodyHandler<String> bodies() {
        return HttpResponse.BodyHandlers.ofString();
    }

    private HttpRequest request(String path, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(10))
                .header("Authorization", "Bearer " + KEY);
        return body == null
                ? request.build()
                : request.header("Content-Type", "application/cloudevents+json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();
    }

    private JsonNode read(String path) throws IOException, InterruptedException {
        return JSON.readTree(client.send(request(path, null), bodies()).body());
    }

    // --- the process

    private void start() throws IOException {
        product = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-Dwebhooks.egress.allow=127.0.0.0/8",
                        "-Dcamel.server.host=127.0.0.1",
                        "-Dcamel.server.port=" + port,
                        "-Dcamel.management.port=" + FreePort.any(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        EngagementWebhooks.class.getName())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(new File(folder.toFile(), "log")))
                .start();
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(this::takesEvents);
    }

    private boolean takesEvents() throws Exception {
        assertTrue(product.isAlive(), () -> "the product ended: " + log());
        try {
            return client.send(request("/v1/deliveries?limit=1", null), bodies())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static String setUp(URI receiver) {
        return """
                accounts:
                  - id: acme
                    apiKeys:
                      - {name: all, role: admin, key: %s}
                    webhooks:
                      - name: calls
                        events: ["*"]
                        retry: [300ms, 300ms, 300ms, 300ms, 300ms, 300ms, 300ms, 300ms, 300ms, 300ms]
                        delivery:
                          url: %s
                          authentication: {type: none}
                """
                .formatted(KEY, receiver);
    }
}
