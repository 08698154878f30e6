package io.engagementwebhooks.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A webhook with a rate limit, on the running product. */
@Timeout(300)
class RateLimitTest {

    private static final String KEY = "an-admin-key-of-acme";
    private static final int EVENTS = 100;

    @AutoClose
    private final Receiver limited = new Receiver(got -> new Receiver.Reply(204));

    @AutoClose
    private final Receiver other = new Receiver(got -> new Receiver.Reply(204));

    @AutoClose
    private RunningProduct product;

    private String webhooks(String limit) {
        return """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: an-admin-key-of-acme}]
                    webhooks:
                      - name: limited
                        events: ["*"]
                        delivery: {url: "%s", authentication: {type: none}%s}
                      - name: other
                        events: ["*"]
                        delivery: {url: "%s", authentication: {type: none}}
                """
                .formatted(limited.url(), limit, other.url());
    }

    private List<JsonNode> deliveries() {
        JsonNode page = product.read("/v1/deliveries?webhook=limited&limit=200", KEY);
        return StreamSupport.stream(page.get("items").spliterator(), false).toList();
    }

    private void send(int events) {
        for (int i = 0; i < events; i++) {
            product.postEvent(KEY, "{\"id\":\"e" + i + "\",\"source\":\"/s\",\"type\":\"call.ended\",\"data\":{}}");
        }
    }

    private List<JsonNode> deliveries(String state) {
        return deliveries().stream()
                .filter(each -> each.get("state").asText().equals(state))
                .toList();
    }

    private JsonNode posted(String path) {
        HttpResponse<String> answer = product.post(path, KEY, "application/json", "");
        assertEquals(200, answer.statusCode(), answer.body());
        return RunningProduct.json(answer);
    }

    @Test
    void a_rate_limited_delivery_is_canceled_or_discarded_and_not_sent() {
        product = RunningProduct.shared(webhooks(", rateLimit: 1/h"));
        send(20);
        Awaitility.await()
                .until(() -> deliveries("delivered").size() == 1
                        && deliveries("waiting").size() == 19);
        for (JsonNode each : deliveries("waiting").subList(14, 19)) {
            String path = "/v1/deliveries/" + each.get("id").asText() + "/cancel";
            Awaitility.await()
                    .until(() -> product.post(path, KEY, "application/json", "").statusCode() == 200);
        }
        assertEquals(
                14, posted("/v1/webhooks/limited/discard").get("deliveries").asInt());
        product.config(webhooks(""));
        product.postEvent(KEY, "{\"id\":\"last\",\"source\":\"/s\",\"type\":\"call.ended\",\"data\":{}}");
        Awaitility.await().until(() -> deliveries("delivered").size() == 2);
        assertEquals(19, deliveries("discarded").size());
        assertEquals(2, limited.requests().size());
    }

    @Test
    void deliveries_above_the_limit_wait_without_an_attempt_and_delay_no_other_webhook() {
        product = RunningProduct.shared(webhooks(", rateLimit: 1/h"));
        assertEquals(
                "1/h",
                product.read("/v1/webhooks/limited", KEY).get("rateLimit").asText());
        send(EVENTS);
        Awaitility.await().until(() -> other.requests().size() == EVENTS);
        Awaitility.await().until(() -> deliveries("delivered").size() == 1);
        assertEquals(1, limited.requests().size());
        assertEquals(
                EVENTS - 1,
                deliveries("waiting").stream()
                        .filter(each -> each.get("attemptCount").asInt() == 0)
                        .count());
        product.config(webhooks(""));
        Awaitility.await().until(() -> limited.requests().size() == EVENTS);
    }
}
