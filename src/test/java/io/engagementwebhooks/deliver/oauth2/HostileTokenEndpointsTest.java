package io.engagementwebhooks.deliver.oauth2;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.deliver.egress.RawReceiver;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.Pause;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.IOException;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Promise 8: token endpoints that respond slowly, endlessly, or with a redirect or refusal use no attempt and delay no
 * other account.
 */
@Timeout(300)
@ExtendWith(Patience.class)
class HostileTokenEndpointsTest {

    private static final String ACME = "an-admin-key-of-acme-0000";
    private static final String OTHER = "an-admin-key-of-other-0000";
    private static final int CLIENTS = 60;

    @AutoClose
    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(204));

    @AutoClose
    private final RawReceiver endpoint = new RawReceiver(HostileTokenEndpointsTest::answer);

    @AutoClose
    private RunningProduct product;

    private static void answer(RawReceiver.Talk talk) throws IOException {
        while (talk.request()) {
            String path = talk.path();
            if (path.startsWith("/drip")) {
                talk.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
                while (true) {
                    talk.write(" ");
                    Pause.of(Duration.ofMillis(100));
                }
            } else if (path.startsWith("/endless")) {
                talk.write("HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n");
                while (true) {
                    talk.write("x".repeat(8192));
                }
            } else if (path.startsWith("/redirect")) {
                talk.write("HTTP/1.1 302 Found\r\nLocation: /endless\r\nContent-Length: 0\r\n\r\n");
            } else {
                talk.write("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n");
            }
        }
    }

    @Test
    void hostile_token_endpoints_cost_no_attempt_and_do_not_delay_other_accounts() {
        product = RunningProduct.shared(accounts());
        for (int event = 0; event < 4; event++) {
            product.postEvent(ACME, event("a" + event));
        }
        for (int event = 0; event < 10; event++) {
            product.postEvent(OTHER, event("b" + event));
            JsonNode delivery = product.awaitDeliveries(OTHER, "b" + event, 1, "delivered", "gave-up")
                    .get(0);
            assertEquals("delivered", delivery.get("state").asText());
            assertEquals(1, delivery.get("attemptCount").asInt());
        }
        await().untilAsserted(() -> {
            JsonNode items =
                    product.read("/v1/deliveries?event=a0&limit=200", ACME).get("items");
            assertEquals(CLIENTS, items.size());
            for (JsonNode each : items) {
                assertEquals("waiting", each.get("state").asText());
                assertEquals(0, each.get("attemptCount").asInt());
                assertTrue(each.path("reason").asText().startsWith("No token for OAuth client"), each.toString());
            }
        });
        assertEquals(10, receiver.requests().size());
    }

    private String accounts() {
        String[] ways = {"drip", "endless", "redirect", "refuse"};
        String clients = IntStream.range(0, CLIENTS)
                .mapToObj(i -> "      - {name: c" + i + ", clientId: id, clientSecret: secret, tokenPath: \"/"
                        + ways[i % ways.length] + i + "\", authenticationEndpoint: \"http://127.0.0.1:"
                        + endpoint.port() + "\"}\n")
                .collect(Collectors.joining());
        String webhooks = IntStream.range(0, CLIENTS)
                .mapToObj(i -> "      - {name: w" + i + ", events: [\"*\"], delivery: {url: \"" + receiver.url()
                        + "\", authentication: {type: oauth2, client: c" + i + "}}}\n")
                .collect(Collectors.joining());
        return """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: %s}]
                    oauthClients:
                %s    webhooks:
                %s  - id: other
                    apiKeys: [{name: staff, role: admin, key: %s}]
                    webhooks:
                      - {name: crm, events: ["*"], delivery: {url: "%s", authentication: {type: none}}}
                """
                .formatted(ACME, clients, webhooks, OTHER, receiver.url());
    }

    private static String event(String id) {
        return "{\"id\":\"" + id + "\",\"source\":\"/s\",\"type\":\"call.ended\",\"data\":{}}";
    }
}
