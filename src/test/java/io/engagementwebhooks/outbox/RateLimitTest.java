package io.engagementwebhooks.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
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
                product.read("/v1/webhooks/limited", KEY)
                        .at("/definition/delivery/rateLimit")
                        .asText());
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

    /** Semantics 15: a refused token is renewed, and the request is sent once more in the same attempt. */
    @Test
    void a_second_request_of_an_attempt_counts_too() {
        AtomicInteger tokens = new AtomicInteger();
        try (Receiver guarded = new Receiver(got -> switch (got.target().getPath()) {
            case "/oauth2/token" ->
                new Receiver.Reply(200, Map.of("Content-Type", "application/json"), token(tokens.incrementAndGet()));
            default -> new Receiver.Reply("Bearer t1".equals(got.header("Authorization")) ? 401 : 204);
        })) {
            Instant before = Instant.now();
            product = RunningProduct.shared(
                    """
                    accounts:
                      - id: acme
                        apiKeys: [{name: staff, role: admin, key: an-admin-key-of-acme}]
                        oauthClients: [{name: crm, clientId: c, clientSecret: s, authenticationEndpoint: "%1$s"}]
                        webhooks:
                          - name: limited
                            events: ["*"]
                            delivery: {url: "%1$s/hooks", authentication: {type: oauth2, client: crm}, rateLimit: 2/h}
                    """
                            .formatted(URI.create(
                                    "http://127.0.0.1:" + guarded.url().getPort())));
            send(2);
            Awaitility.await().until(() -> deliveries("delivered").size() == 1);
            JsonNode waiting = deliveries("waiting").get(0).get("waitingFor");
            assertEquals("rate-limit", waiting.get("kind").asText());
            Instant next = Instant.parse(waiting.get("until").asText());
            assertTrue(!next.isBefore(before.plus(Duration.ofHours(1))), waiting + ", sent after " + before);
        }
    }

    private static String token(int number) {
        return "{\"access_token\": \"t" + number + "\", \"token_type\": \"Bearer\", \"expires_in\": 3600}";
    }
}
