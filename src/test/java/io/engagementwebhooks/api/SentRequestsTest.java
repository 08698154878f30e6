package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each attempt shows its exact request, without secrets, and without storing the event's data twice. */
@Timeout(300)
class SentRequestsTest {

    private static final String ADMIN = "an-admin-key-000000000";
    private static final String SECRET = "a-secret-never-shown";
    private static final String TEMPLATE = "{\"call\": \"{cdr_id}\"}";

    @AutoClose
    private final Receiver receiver = new Receiver(got -> got.body().contains("refused")
            ? new Receiver.Reply(503, Map.of(), "no")
            : new Receiver.Reply(200, Map.of(), "fine"));

    @AutoClose
    private final RunningProduct product = RunningProduct.shared(config(TEMPLATE));

    private String config(String template) {
        return """
                accounts:
                  - id: acme
                    apiKeys: [{name: admin, role: admin, key: %s}]
                    webhooks:
                      - name: calls
                        events: ["call.*"]
                        delivery:
                          url: "%s&sig=%s"
                          format: json
                          body: '%s'
                          headers: {X-Own-Token: %s, X-Plain: plain}
                          authentication: {type: header, user: us, password: %s}
                        retry: [7d]
                """
                .formatted(ADMIN, receiver.url(), SECRET, template, SECRET, SECRET);
    }

    private JsonNode request(String event, String state) {
        JsonNode delivery = product.awaitDeliveries(ADMIN, event, 1, state).get(0);
        JsonNode one = product.read("/v1/deliveries/" + delivery.get("id").asText(), ADMIN);
        assertEquals(
                one.get("attempts"),
                product.read("/v1/deliveries/" + delivery.get("id").asText() + "/attempts", ADMIN)
                        .get("items"));
        return one.get("attempts").get(0).get("request");
    }

    private void send(String event, String call) {
        product.postEvent(
                ADMIN,
                "{\"id\":\"" + event + "\",\"source\":\"/pbx\",\"type\":\"call.ended\",\"data\":{\"cdr_id\":\"" + call
                        + "\"}}");
    }

    @Test
    void a_delivered_body_is_rebuilt_and_shown_only_if_it_is_the_same() {
        send("e1", "c-7");
        JsonNode sent = request("e1", "delivered");
        Receiver.Got got = receiver.requests().get(0);
        assertEquals("POST", sent.get("method").asText());
        assertTrue(sent.get("url").asText().endsWith("&sig=…"), sent.toString());
        assertEquals("plain", sent.get("headers").get("X-Plain").asText());
        assertEquals("Basic ***", sent.get("headers").get("Authorization").asText());
        assertEquals("***", sent.get("headers").get("X-Own-Token").asText());
        assertEquals(
                got.header("webhook-id"), sent.get("headers").get("webhook-id").asText());
        assertEquals(
                got.header("webhook-timestamp"),
                sent.get("headers").get("webhook-timestamp").asText());
        assertFalse(sent.toString().contains(SECRET), sent.toString());
        assertEquals("rebuilt", sent.get("bodyFrom").asText());
        assertEquals(got.body(), sent.get("body").asText());
        assertEquals(
                got.body().getBytes(StandardCharsets.UTF_8).length,
                sent.get("bytes").asInt());

        product.config(config("{\"other\": \"{cdr_id}\"}"));
        assertEquals("unknown", request("e1", "delivered").get("bodyFrom").asText());
        assertNull(request("e1", "delivered").get("body"), "the webhook makes another body now");
    }

    @Test
    void a_failed_body_is_stored_independently_of_the_webhook() {
        send("e2", "refused");
        Awaitility.await()
                .until(() -> product.read("/v1/deliveries?event=e2&outcome=try-later", ADMIN)
                                .get("items")
                                .size()
                        == 1);
        JsonNode sent = request("e2", "waiting");
        assertEquals("kept", sent.get("bodyFrom").asText());
        assertEquals(receiver.requests().get(0).body(), sent.get("body").asText());
        assertFalse(sent.get("bodyCut").asBoolean());
    }
}
