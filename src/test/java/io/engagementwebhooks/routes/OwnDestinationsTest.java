package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A destination of the operator's own serves the accounts that its route names: of two accounts, one is served and the other
 * gets no byte out by it. Its own product: the routes are a folder.
 */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OwnDestinationsTest {

    private static final String ACME = "acme-admin-key-00000";
    private static final String BETA = "beta-admin-key-00000";

    /** With a credential of the operator's. */
    private static final String ROUTE =
            """
            - route:
                id: deliver-to-%1$s
                group: deliver
                from:
                  uri: direct:deliver-%1$s
                  steps:
                    %2$s
                    - process: {id: %1$s-build-request, ref: buildRequest}
                    - process: {id: %1$s-sign-request, ref: signRequest}
                    - to:
                        id: %1$s-call-receiver
                        uri: receiver:webhook
                    - process: {id: %1$s-judge-answer, ref: judgeResponse}
            """;

    /** With steps that change the request, one of which is not declared. */
    private static final String STEPPED =
            """
            - route:
                id: deliver-to-stepped
                group: deliver
                from:
                  uri: direct:deliver-stepped
                  steps:
                    - setProperty: {id: accounts-of-stepped, name: webhookAccounts, constant: "*"}
                    - process: {id: stepped-build-request, ref: buildRequest}
                    - setHeader: {id: set-mine, name: X-Mine, simple: "mine ${exchangeProperty.webhookDestination}"}
                    - setHeader: {id: set-undeclared, name: X-Undeclared, constant: "u"}
                    - setBody: {id: set-body, constant: "by a step"}
                    - process: {id: stepped-sign-request, ref: signRequest}
                    - to:
                        id: stepped-call-receiver
                        uri: receiver:webhook
                        parameters:
                          headers: X-Mine
                    - process: {id: stepped-judge-answer, ref: judgeResponse}
            """;

    @AutoClose
    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(204));

    @AutoClose
    private RunningProduct product;

    private static String naming(String destination, String accounts) {
        return ROUTE.formatted(
                destination,
                accounts == null
                        ? ""
                        : "- setProperty: {id: accounts-of-" + destination + ", name: webhookAccounts, constant: \""
                                + accounts + "\"}");
    }

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        Path routes = Files.createDirectories(folder.resolve("routes"));
        try (Stream<Path> shipped = Files.list(Path.of("routes"))) {
            for (Path file : shipped.toList()) {
                Files.copy(file, routes.resolve(file.getFileName()));
            }
        }
        Files.writeString(
                routes.resolve("35-own.camel.yaml"),
                naming("crm", "{{my.accounts}}") + naming("unnamed", null) + naming("open", "*") + STEPPED);
        product = RunningProduct.start(
                folder,
                account("acme", ACME) + account("beta", BETA).substring("accounts:\n".length()),
                "my.accounts=gamma, acme");
    }

    private String account(String id, String key) {
        StringBuilder webhooks = new StringBuilder();
        for (String destination : new String[] {"crm", "unnamed", "open", "missing", "stepped"}) {
            webhooks.append(
                    "      - {name: %s, events: [%s], delivery: {url: \"http://127.0.0.1:%d/%s/%s\", %s destination: %s}}}\n"
                            .formatted(
                                    destination,
                                    "to." + destination,
                                    receiver.port(),
                                    id,
                                    destination,
                                    "authentication: {type: custom,",
                                    destination));
        }
        return "accounts:\n  - id: " + id + "\n    apiKeys: [{name: staff, role: admin, key: " + key
                + "}]\n    webhooks:\n" + webhooks;
    }

    private void send(String key, String id, String destination) {
        HttpResponse<String> answer = product.postEvent(
                key, "{\"id\": \"" + id + "\", \"source\": \"/t\", \"type\": \"to." + destination + "\"}");
        assertEquals(202, answer.statusCode(), answer.body());
    }

    private long sentTo(String path) {
        return receiver.requests().stream()
                .filter(got -> got.target().getPath().endsWith(path))
                .count();
    }

    private static String refusal(String account, String destination) {
        return "no route sends to destination '" + destination + "' for account '" + account
                + "': its operator names the account in step 'webhookAccounts' of a route from direct:deliver-"
                + destination;
    }

    private void isHeld(String key, String account, String destination) {
        send(key, "held-" + destination, destination);
        JsonNode held = Awaitility.await()
                .until(
                        () -> product.read("/v1/deliveries?event=held-" + destination, key)
                                .at("/items/0"),
                        delivery -> !delivery.path("reason").isNull()
                                && delivery.path("state").asText().equals("waiting"));
        assertEquals(refusal(account, destination), held.get("reason").asText());
        assertEquals(0, held.get("attemptCount").asInt());
        HttpResponse<String> tested =
                product.post("/v1/webhooks/" + destination + "/test", key, "application/json", "{}");
        assertEquals(403, tested.statusCode(), tested.body());
        assertTrue(tested.body().contains("destination-not-open"), tested.body());
        assertEquals(0, sentTo(account + "/" + destination));
    }

    @Test
    void an_account_that_the_route_names_is_served_and_another_gets_nothing_out_by_it() {
        send(ACME, "e1", "crm");
        product.awaitDeliveries(ACME, "e1", 1, "delivered");
        assertEquals(1, sentTo("acme/crm"));

        isHeld(BETA, "beta", "crm");
    }

    @Test
    void a_route_that_names_none_serves_none_where_there_are_several_and_is_reported_as_one_that_is_missing() {
        isHeld(ACME, "acme", "unnamed");
        isHeld(BETA, "beta", "unnamed");
        isHeld(BETA, "beta", "missing");
    }

    @Test
    void a_route_that_names_all_serves_all() {
        send(ACME, "open", "open");
        send(BETA, "open", "open");
        product.awaitDeliveries(ACME, "open", 1, "delivered");
        product.awaitDeliveries(BETA, "open", 1, "delivered");
    }

    @Test
    void a_step_of_the_route_changes_what_is_sent_and_the_value_it_set_is_not_recorded() {
        send(ACME, "stepped", "stepped");
        JsonNode delivery =
                product.awaitDeliveries(ACME, "stepped", 1, "delivered").get(0);

        Receiver.Got got = receiver.requests().stream()
                .filter(each -> each.target().getPath().equals("/acme/stepped"))
                .findFirst()
                .orElseThrow();
        assertEquals("by a step", got.body());
        assertEquals("mine stepped", got.header("X-Mine"));
        assertNull(got.header("X-Undeclared"));
        JsonNode sent = product.read("/v1/deliveries/" + delivery.get("id").asText(), ACME)
                .at("/attempts/0/request/headers");
        assertEquals("***", sent.path("X-Mine").asText(), sent.toString());
        assertTrue(sent.path("X-Undeclared").isMissingNode(), sent.toString());
    }

    @Test
    void the_api_takes_no_webhook_for_a_destination_that_is_not_open_to_its_account() {
        String webhook =
                """
                {"name": "of-api", "events": ["x"], "delivery": {"url": "https://a.example.com/",
                 "authentication": {"type": "custom", "destination": "crm"}}}""";
        HttpResponse<String> refused = product.post("/v1/webhooks", BETA, "application/json", webhook);
        assertEquals(422, refused.statusCode(), refused.body());
        JsonNode fault = RunningProduct.json(refused).at("/faults/0");
        assertEquals(
                "/delivery/authentication/destination", fault.get("pointer").asText());
        assertEquals(refusal("beta", "crm"), fault.get("detail").asText());
        HttpResponse<String> taken = product.post("/v1/webhooks", ACME, "application/json", webhook);
        assertEquals(201, taken.statusCode(), taken.body());
    }
}
