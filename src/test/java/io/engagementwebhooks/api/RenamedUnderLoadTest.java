package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
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

/** A webhook renamed under load keeps its id, and every event is delivered once. */
@Timeout(300)
class RenamedUnderLoadTest {

    private static final String ADMIN = TwoAccounts.adminKey("acme");
    private static final int SENDERS = 4;
    private static final int RENAMINGS = 15;

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
    private final RunningProduct product = RunningProduct.shared(TwoAccounts.ONLY_ACME);
    private final ApiClient acme = new ApiClient(product, ADMIN);

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

    /** What the product reports about an event without a delivery. */
    private String howItStands(String event) {
        StringBuilder says = new StringBuilder();
        for (JsonNode delivery : acme.read("/v1/deliveries?event=" + event).get("items")) {
            String attempts = "/v1/deliveries/" + delivery.get("id").asText() + "/attempts";
            says.append(delivery).append(acme.read(attempts));
        }
        return says.toString();
    }

    @Test
    void every_event_that_was_acknowledged_arrives_once_and_the_id_stays() throws Exception {
        HttpResponse<String> made = acme.created(
                "webhooks",
                "{`name`: `name-0`, `events`: [`*`], `delivery`: {`url`: `" + receiver.url()
                        + "`, `headers`: {`x-event`: `{id}`}}}");
        String etag = ApiClient.etag(made);
        String id = RunningProduct.json(made).get("id").asText();
        List<Future<?>> sending = new ArrayList<>();
        for (int i = 0; i < SENDERS; i++) {
            String sender = "s" + i;
            sending.add(threads.submit(() -> sendUntilTheEnd(sender)));
        }
        for (int i = 0; i < RENAMINGS; i++) {
            HttpResponse<String> renamed =
                    acme.send("PATCH", "/v1/webhooks/name-" + i, etag, "{`name`: `name-" + (i + 1) + "`}");
            assertEquals(200, renamed.statusCode(), renamed.body());
            assertEquals(id, RunningProduct.json(renamed).get("id").asText());
            assertEquals(404, acme.get("/v1/webhooks/name-" + i).statusCode());
            etag = ApiClient.etag(renamed);
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
                .alias("nothing is pending")
                .atMost(Duration.ofMinutes(3))
                .until(() -> acme.read("/v1/waiting").get("items").isEmpty());
        assertEquals(Set.of(), repeated);
        assertEquals("name-" + RENAMINGS, acme.webhook(id).get("name").asText());
        acme.read("/v1/deliveries?webhook=" + id).get("items").forEach(delivery -> {
            assertEquals(id, delivery.get("webhookId").asText());
            assertEquals("name-" + RENAMINGS, delivery.get("webhook").asText());
        });
    }
}
