package io.engagementwebhooks.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A webhook that asks for the order of each subject, on the running product. The restart has its own. */
@Timeout(300)
class FifoWebhookTest {

    private static final String KEY = "an-admin-key-of-acme";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Set<String> refused = ConcurrentHashMap.newKeySet();

    @AutoClose
    private final Receiver receiver =
            new Receiver(got -> new Receiver.Reply(refused.remove(id(got.body())) ? 500 : 204));

    @AutoClose
    private RunningProduct product;

    private static String id(String event) {
        try {
            return JSON.readTree(event).get("id").asText();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String config(String retry, String fifo) {
        return """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: an-admin-key-of-acme}]
                    webhooks:
                      - name: crm
                        events: ["*"]
                        retry: %s
                        delivery: {url: "%s", authentication: {type: none}, fifo: %s}
                """
                .formatted(retry, receiver.url(), fifo);
    }

    private String send(String id, String subject) {
        product.postEvent(
                KEY,
                "{\"id\":\"" + id + "\",\"source\":\"/s\",\"type\":\"call.ended\",\"subject\":\"" + subject
                        + "\",\"data\":{\"contact\":{\"id\":7}}}");
        return product.read("/v1/deliveries?event=" + id, KEY).at("/items/0/id").asText();
    }

    private JsonNode one(String delivery) {
        return product.read("/v1/deliveries/" + delivery, KEY);
    }

    private List<String> received(String prefix) {
        return receiver.requests().stream()
                .map(got -> id(got.body()))
                .filter(id -> id.startsWith(prefix))
                .toList();
    }

    @Test
    void one_subject_arrives_in_order_although_its_first_event_fails_and_others_do_not_wait() {
        refused.add("a1");
        product = RunningProduct.shared(config("[300ms, 300ms]", "{}"));
        for (int i = 1; i <= 5; i++) {
            send("a" + i, "call/1");
            send("b" + i, "call/2");
        }
        for (int i = 1; i <= 5; i++) {
            product.awaitDeliveries(KEY, "a" + i, 1, "delivered");
            product.awaitDeliveries(KEY, "b" + i, 1, "delivered");
        }
        assertEquals(List.of("a1", "a1", "a2", "a3", "a4", "a5"), received("a"));
        assertEquals(List.of("b1", "b2", "b3", "b4", "b5"), received("b"));
    }

    @Test
    void a_blocked_delivery_names_the_blocking_one_and_is_sent_when_that_is_canceled() {
        refused.add("e1");
        product = RunningProduct.shared(config("[1h]", "{key: data.contact.id, skipAfter: never}"));
        String first = send("e1", "call/1");
        Awaitility.await().until(() -> one(first).get("attemptCount").asInt() == 1);
        String second = send("e2", "call/2");
        assertEquals("waiting", one(second).get("state").asText());
        assertEquals(first, one(second).at("/waitingFor/delivery").asText());
        assertEquals(true, one(second).get("reason").isNull());
        assertEquals(true, one(second).get("next").isNull());
        HttpResponse<String> retry = product.post("/v1/deliveries/" + second + "/retry", KEY, "application/json", "");
        assertEquals(409, retry.statusCode(), retry.body());
        assertEquals(
                200,
                product.post("/v1/deliveries/" + first + "/cancel", KEY, "application/json", "")
                        .statusCode());
        product.awaitDeliveries(KEY, "e2", 1, "delivered");
        assertEquals(List.of("e1", "e2"), received("e"));
    }

    @Test
    void a_restart_keeps_the_order(@TempDir Path folder) {
        refused.add("a1");
        product = RunningProduct.start(folder, config("[1h]", "{skipAfter: never}"));
        String first = send("a1", "call/1");
        send("a2", "call/1");
        Awaitility.await().until(() -> one(first).get("attemptCount").asInt() == 1);
        product.stop();
        product.start();
        send("a3", "call/1");
        assertEquals(
                202,
                product.post("/v1/deliveries/" + first + "/retry", KEY, "application/json", "")
                        .statusCode());
        for (String id : List.of("a1", "a2", "a3")) {
            product.awaitDeliveries(KEY, id, 1, "delivered");
        }
        assertEquals(List.of("a1", "a1", "a2", "a3"), received("a"));
    }
}
