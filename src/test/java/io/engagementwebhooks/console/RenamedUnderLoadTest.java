package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Events that are accepted while their webhook is renamed arrive, once, without a further change of what is set up. */
@Timeout(300)
class RenamedUnderLoadTest {

    private static final String ADMIN = "an-admin-key-of-acme";
    private static final int SENDERS = 4;
    private static final int RENAMINGS = 15;

    @TempDir
    Path folder;

    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private final Set<String> arrived = ConcurrentHashMap.newKeySet();
    private final Set<String> repeated = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean ends = new AtomicBoolean();
    private final ExecutorService threads = Executors.newFixedThreadPool(SENDERS);
    private final Receiver receiver = new Receiver(got -> {
        if (!arrived.add(got.header("x-event"))) {
            repeated.add(got.header("x-event"));
        }
        return new Receiver.Reply(204);
    });
    private RunningProduct product;

    @AfterEach
    void stop() {
        ends.set(true);
        threads.shutdownNow();
        product.close();
        receiver.close();
    }

    private void sendUntilTheEnd(String sender) {
        for (int i = 0; !ends.get(); i++) {
            String id = sender + "-" + i;
            assertEquals(202, product.postEvent(ADMIN, TwoAccounts.event(id)).statusCode());
            acknowledged.add(id);
        }
    }

    private HttpResponse<String> send(String method, String path, String etag, String body) {
        HttpRequest.Builder request = product.request(path, ADMIN).header("Content-Type", "application/json");
        if (etag != null) {
            request.header("If-Match", etag);
        }
        return product.send(request.method(method, HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    /** What the product says of an event that has not arrived. */
    private String howItStands(String event) {
        StringBuilder says = new StringBuilder();
        for (JsonNode delivery :
                product.read("/v1/deliveries?event=" + event, ADMIN).get("items")) {
            String attempts = "/v1/deliveries/" + delivery.get("id").asText() + "/attempts";
            says.append(delivery).append(product.read(attempts, ADMIN));
        }
        return says.toString();
    }

    private static String etag(HttpResponse<String> answer) {
        return answer.headers().firstValue("ETag").orElseThrow(() -> new AssertionError(answer.body()));
    }

    @Test
    void every_event_that_was_acknowledged_arrives() throws Exception {
        product = RunningProduct.start(
                folder, "accounts:\n  - id: acme\n    apiKeys: [{name: staff, role: admin, key: " + ADMIN + "}]\n");
        String etag = etag(send(
                "POST",
                "/v1/webhooks",
                null,
                "{\"name\": \"name-0\", \"events\": [\"*\"], \"delivery\": {\"url\": \"" + receiver.url()
                        + "\", \"headers\": {\"x-event\": \"{id}\"}}}"));
        List<Future<?>> sending = new ArrayList<>();
        for (int i = 0; i < SENDERS; i++) {
            String sender = "s" + i;
            sending.add(threads.submit(() -> sendUntilTheEnd(sender)));
        }
        for (int i = 0; i < RENAMINGS; i++) {
            HttpResponse<String> renamed =
                    send("PATCH", "/v1/webhooks/name-" + i, etag, "{\"name\": \"name-" + (i + 1) + "\"}");
            assertEquals(200, renamed.statusCode(), renamed.body());
            etag = etag(renamed);
        }
        ends.set(true);
        for (Future<?> one : sending) {
            one.get();
        }
        Set<String> missing = new TreeSet<>(acknowledged);
        Awaitility.await()
                .alias("all that was acknowledged arrives")
                .atMost(Duration.ofMinutes(3))
                .untilAsserted(() -> {
                    missing.removeAll(arrived);
                    assertEquals(Set.of(), missing, () -> missing.stream()
                            .map(this::howItStands)
                            .collect(Collectors.joining("\n", "\n", "\n")));
                });
        Awaitility.await()
                .alias("nothing waits under any name")
                .atMost(Duration.ofMinutes(3))
                .until(() -> product.read("/v1/waiting", ADMIN).get("items").isEmpty());
        assertEquals(Set.of(), repeated);
    }
}
