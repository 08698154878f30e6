package io.engagementwebhooks.deliver;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.NameServer;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.nio.file.Path;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Semantics 42: if a name server does not respond for names of one account, another account is not delayed and no attempt
 * is used. Needs a separate product, because the name server is a setting.
 */
@Timeout(300)
@ExtendWith(Patience.class)
class HangingNamesTest {

    private static final String ACME = "an-admin-key-of-acme-0000";
    private static final String OTHER = "an-admin-key-of-other-0000";

    @TempDir
    private static Path folder;

    private static final Receiver RECEIVER = new Receiver(got -> new Receiver.Reply(204));
    private static final NameServer NAMES = new NameServer();
    private static RunningProduct host;

    @AutoClose
    private RunningProduct product;

    @BeforeAll
    static void start() {
        NAMES.answer("crm.example", 1, "127.0.0.1");
        NAMES.hang(".hang.example");
        host = RunningProduct.start(folder, "accounts: [{id: none}]", "webhooks.egress.name-servers=" + NAMES.text());
    }

    @AfterAll
    static void stop() {
        host.close();
        NAMES.close();
        RECEIVER.close();
    }

    @Test
    void seventy_webhooks_whose_names_hang_cost_another_account_no_attempt() {
        product = host.with(accounts(70, i -> none("w" + i + ".many.hang.example")));
        for (int event = 0; event < 16; event++) {
            product.postEvent(ACME, event("a" + event));
        }
        for (int event = 0; event < 20; event++) {
            product.postEvent(OTHER, event("b" + event));
            JsonNode delivery = product.awaitDeliveries(OTHER, "b" + event, 1, "delivered", "gave-up")
                    .get(0);
            assertEquals("delivered", delivery.get("state").asText());
            assertEquals(1, delivery.get("attemptCount").asInt());
        }
        for (JsonNode waiting : product.awaitDeliveries(ACME, "a0", 70, "waiting")) {
            assertEquals(0, waiting.get("attemptCount").asInt());
        }
    }

    @Test
    void what_waited_for_a_name_is_delivered_when_the_name_server_answers() {
        product = host.with(accounts(1, i -> none("w.hang.example")));
        product.postEvent(ACME, event("a"));
        awaitReason("a", "Not sent: the host name w.hang.example was not resolved in time");

        NAMES.answer("w.hang.example", 60, "127.0.0.1");

        JsonNode delivered = product.awaitDeliveries(ACME, "a", 1, "delivered").get(0);
        assertEquals(1, delivered.get("attemptCount").asInt());
    }

    @Test
    void a_name_that_does_not_exist_is_an_attempt_and_one_that_no_name_server_looks_up_is_none() {
        NAMES.fail("broken.example", NameServer.SERVFAIL);
        product = host.with(accounts(2, i -> none(i == 0 ? "nothing.example" : "broken.example")));
        product.postEvent(ACME, event("a"));

        awaitReason("a", "The endpoint's host name could not be resolved to a public address");
        awaitReason(
                "a",
                "Not sent: the host name broken.example could not be looked up: the name server answered SERVFAIL");

        for (JsonNode each : product.read("/v1/deliveries?event=a", ACME).get("items")) {
            int attempts = each.get("reason").asText().startsWith("Not sent") ? 0 : 1;
            assertEquals(attempts, each.get("attemptCount").asInt(), each.toString());
        }
    }

    @Test
    void token_endpoints_whose_names_hang_cost_no_attempt_and_another_account_nothing() {
        product = host.with(accounts(
                        70,
                        i -> "{url: \"" + RECEIVER.url() + "\", authentication: {type: oauth2, client: c" + i + "}}")
                .replace("    webhooks: # of acme", clients(70) + "    webhooks:"));
        for (int event = 0; event < 4; event++) {
            product.postEvent(ACME, event("a" + event));
        }
        for (int event = 0; event < 10; event++) {
            product.postEvent(OTHER, event("b" + event));
            JsonNode delivery = product.awaitDeliveries(OTHER, "b" + event, 1, "delivered", "gave-up")
                    .get(0);
            assertEquals(1, delivery.get("attemptCount").asInt());
        }
        awaitReason("a0", "Not sent: the host name t0.hang.example was not resolved in time");
        for (JsonNode waiting : product.awaitDeliveries(ACME, "a0", 70, "waiting")) {
            assertEquals(0, waiting.get("attemptCount").asInt());
        }
    }

    private void awaitReason(String event, String reason) {
        await().untilAsserted(() -> {
            JsonNode items = product.read("/v1/deliveries?event=" + event + "&limit=200", ACME)
                    .get("items");
            assertTrue(
                    IntStream.range(0, items.size())
                            .anyMatch(i ->
                                    reason.equals(items.get(i).path("reason").asText())),
                    items.toString());
        });
    }

    private String none(String host) {
        return "{url: \"http://" + host + ":" + RECEIVER.port() + "/\", authentication: {type: none}}";
    }

    private static String clients(int count) {
        return "    oauthClients:\n"
                + IntStream.range(0, count)
                        .mapToObj(i ->
                                "      - {name: c" + i + ", clientId: id, clientSecret: secret, authenticationEndpoint:"
                                        + " \"https://t" + i + ".hang.example\", tokenPath: /token}\n")
                        .collect(Collectors.joining());
    }

    private String accounts(int webhooks, IntFunction<String> delivery) {
        return """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: %s}]
                    webhooks: # of acme
                %s
                  - id: other
                    apiKeys: [{name: staff, role: admin, key: %s}]
                    webhooks:
                      - {name: crm, events: ["*"], delivery: %s}
                """
                .formatted(
                        ACME,
                        IntStream.range(0, webhooks)
                                .mapToObj(i -> "      - {name: w" + i + ", events: [\"*\"], delivery: "
                                        + delivery.apply(i) + "}")
                                .collect(Collectors.joining("\n")),
                        OTHER,
                        none("crm.example"));
    }

    private static String event(String id) {
        return "{\"id\":\"" + id + "\",\"source\":\"/s\",\"type\":\"call.ended\",\"data\":{}}";
    }
}
