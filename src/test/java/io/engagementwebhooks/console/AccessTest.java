package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may do what: roles, and two accounts with everything named alike (semantics 1 and 4). */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AccessTest {

    private static final String ACME = "acme";
    private static final String OTHER = "other";

    private Receiver receiver;
    private RunningProduct product;

    /**
     * An operation of the server.
     *
     * @param changes whether only an admin may
     * @param one whether it is about one thing; else about all of the account
     */
    private record Operation(String method, String path, boolean changes, boolean one) {
        String at(String delivery) {
            return at(delivery, "01JDF2Y6T3A9K4E8Q7M5N6P0RS");
        }

        String at(String delivery, String replay) {
            return path.replace(
                            "{id}",
                            path.startsWith("/v1/replays")
                                    ? replay
                                    : path.startsWith("/v1/events") ? "evt_1" : delivery)
                    .replace("{name}", NAMES.getOrDefault(path.split("/")[2], ""));
        }
    }

    private static final Map<String, String> NAMES = Map.of(
            "webhooks",
            "calls",
            "oauth-clients",
            "crm",
            "connections",
            "sales",
            "api-keys",
            "staff",
            "signing-keys",
            "k1");

    private static final List<Operation> OPERATIONS = List.of(
            new Operation("GET", "/v1/deliveries", false, false),
            new Operation("GET", "/v1/deliveries/{id}", false, true),
            new Operation("GET", "/v1/deliveries/{id}/attempts", false, true),
            new Operation("POST", "/v1/deliveries/{id}/replay", true, true),
            new Operation("GET", "/v1/webhooks", false, false),
            new Operation("GET", "/v1/webhooks/{name}", false, true),
            new Operation("POST", "/v1/webhooks/{name}/pause", true, true),
            new Operation("POST", "/v1/webhooks/{name}/resume", true, true),
            new Operation("GET", "/v1/api-keys", true, false),
            new Operation("GET", "/v1/oauth-clients", false, false),
            new Operation("GET", "/v1/oauth-clients/{name}", false, true),
            new Operation("POST", "/v1/oauth-clients/{name}/test", true, true),
            new Operation("POST", "/v1/webhooks", true, false),
            new Operation("PUT", "/v1/webhooks/{name}", true, true),
            new Operation("PATCH", "/v1/webhooks/{name}", true, true),
            new Operation("DELETE", "/v1/webhooks/{name}", true, true),
            new Operation("POST", "/v1/oauth-clients", true, false),
            new Operation("PUT", "/v1/oauth-clients/{name}", true, true),
            new Operation("PATCH", "/v1/oauth-clients/{name}", true, true),
            new Operation("DELETE", "/v1/oauth-clients/{name}", true, true),
            new Operation("POST", "/v1/connections", true, false),
            new Operation("PUT", "/v1/connections/{name}", true, true),
            new Operation("PATCH", "/v1/connections/{name}", true, true),
            new Operation("DELETE", "/v1/connections/{name}", true, true),
            new Operation("POST", "/v1/api-keys", true, false),
            new Operation("PUT", "/v1/api-keys/{name}", true, true),
            new Operation("PATCH", "/v1/api-keys/{name}", true, true),
            new Operation("DELETE", "/v1/api-keys/{name}", true, true),
            new Operation("POST", "/v1/signing-keys", true, false),
            new Operation("PUT", "/v1/signing-keys/{name}", true, true),
            new Operation("PATCH", "/v1/signing-keys/{name}", true, true),
            new Operation("DELETE", "/v1/signing-keys/{name}", true, true),
            new Operation("POST", "/v1/signing-keys/{name}/rotate", true, true),
            new Operation("GET", "/v1/connections/{name}", false, true),
            new Operation("GET", "/v1/api-keys/{name}", true, true),
            new Operation("GET", "/v1/signing-keys/{name}", false, true),
            new Operation("GET", "/v1/audit", true, false),
            new Operation("POST", "/v1/deliveries/{id}/cancel", true, true),
            new Operation("POST", "/v1/deliveries/{id}/retry", true, true),
            new Operation("GET", "/v1/replays", false, false),
            new Operation("POST", "/v1/replays", true, false),
            new Operation("POST", "/v1/webhooks/{name}/discard", true, true),
            new Operation("POST", "/v1/webhooks/{name}/release", true, true),
            new Operation("GET", "/v1/replays/{id}", false, true),
            new Operation("POST", "/v1/replays/{id}/cancel", true, true),
            new Operation("GET", "/v1/events", false, false),
            new Operation("GET", "/v1/events/{id}", false, true),
            new Operation("GET", "/v1/figures", false, false),
            new Operation("GET", "/v1/waiting", false, false),
            new Operation("GET", "/v1/routes", false, false),
            new Operation("POST", "/v1/webhooks/preview", true, false),
            new Operation("POST", "/v1/webhooks/{name}/test", true, true),
            new Operation("GET", "/v1/connections", false, false),
            new Operation("GET", "/v1/signing-keys", false, false),
            new Operation("POST", "/v1/connections/{name}/test", true, true));

    /** What the file defines is not changed here, and without a body there is nothing to do: yet the role was right. */
    private static final Set<Integer> WITH_THE_ROLE = Set.of(200, 202, 204, 400, 409, 422);

    @BeforeAll
    void start(@TempDir Path folder) {
        receiver = new Receiver(got -> new Receiver.Reply(204));
        product = RunningProduct.start(folder, TwoAccounts.delivering(receiver.url()), TwoAccounts.OPERATOR_SETTING);
    }

    @AfterAll
    void stop() {
        product.close();
        receiver.close();
    }

    private HttpResponse<String> send(Operation operation, String path, String key) {
        HttpRequest.BodyPublisher nothing = HttpRequest.BodyPublishers.noBody();
        return product.send(
                product.request(path, key).method(operation.method(), nothing).build());
    }

    /** The id of a delivery of an event that an account has sent. */
    private String deliveryOf(String account, String event) {
        product.postEvent(TwoAccounts.ingestKey(account), TwoAccounts.event(event));
        return product.awaitDeliveries(TwoAccounts.readKey(account), event, 1, "delivered")
                .get(0)
                .get("id")
                .asText();
    }

    /** The id of a replay that an account has started. */
    private String replayOf(String account) {
        HttpResponse<String> answer = product.post(
                "/v1/replays", TwoAccounts.adminKey(account), "application/json", "{\"webhook\": \"sessions\"}");
        return RunningProduct.json(answer).get("id").asText();
    }

    private static void assertProblem(int status, HttpResponse<String> answer) {
        assertEquals(status, answer.statusCode(), answer.body());
        assertEquals(
                "application/problem+json",
                answer.headers().firstValue("Content-Type").orElse(""));
        JsonNode problem = RunningProduct.json(answer);
        assertEquals(status, problem.get("status").asInt());
        assertTrue(problem.get("type").asText().startsWith("urn:engagement-webhooks:problem:"));
        assertFalse(problem.get("detail").asText().isEmpty());
        assertFalse(answer.body().contains("Exception"), answer.body());
    }

    @Test
    void the_table_holds_every_operation_that_the_server_has() {
        Set<String> served = new TreeSet<>();
        product.camel().getRoutes().forEach(route -> {
            // the pages are no operations of the API
            if (route.getEndpoint() instanceof PlatformHttpEndpoint endpoint && !"pages".equals(route.getGroup())) {
                served.add(endpoint.getHttpMethodRestrict() + " " + endpoint.getPath());
            }
        });
        Set<String> expected = new TreeSet<>(
                Set.of("POST /v1/events", "GET /v1/openapi.yaml", "GET /v1/accounts", "GET /.well-known/jwks.json"));
        OPERATIONS.forEach(operation -> expected.add(operation.method() + " " + operation.path()));
        assertEquals(expected, served);
    }

    @TestFactory
    List<DynamicTest> an_operation_asks_for_a_key_and_a_role() {
        String delivery = deliveryOf(ACME, "roles");
        String replay = replayOf(ACME);
        List<DynamicTest> tests = new ArrayList<>();
        for (Operation operation : OPERATIONS) {
            String path = operation.at(delivery, replay);
            String name = operation.method() + " " + operation.path();
            tests.add(DynamicTest.dynamicTest(name, () -> {
                assertProblem(401, send(operation, path, null));
                if (OPERATIONS.indexOf(operation) < 15) { // more would look like guessing
                    assertProblem(401, send(operation, path, "a-key-nobody-has"));
                }
                assertProblem(403, send(operation, path, TwoAccounts.ingestKey(ACME)));
                HttpResponse<String> reads = send(operation, path, TwoAccounts.readKey(ACME));
                if (operation.changes()) {
                    assertProblem(403, reads);
                } else {
                    assertEquals(200, reads.statusCode(), reads.body());
                }
                HttpResponse<String> admins = send(operation, path, TwoAccounts.adminKey(ACME));
                assertTrue(WITH_THE_ROLE.contains(admins.statusCode()), admins.statusCode() + " " + admins.body());
            }));
        }
        tests.add(DynamicTest.dynamicTest("POST /v1/events", () -> {
            assertProblem(401, product.postEvent("a-key-nobody-has", TwoAccounts.event("x")));
            assertProblem(403, product.postEvent(TwoAccounts.readKey(ACME), TwoAccounts.event("x")));
        }));
        return tests;
    }

    @TestFactory
    List<DynamicTest> what_is_another_accounts_does_not_exist() {
        String theirs = deliveryOf(OTHER, "theirs");
        String theirReplay = replayOf(OTHER);
        List<DynamicTest> tests = new ArrayList<>();
        for (Operation operation : OPERATIONS) {
            String name = operation.method() + " " + operation.path();
            tests.add(DynamicTest.dynamicTest(name, () -> {
                if (operation.path().contains("{id}")) {
                    for (String id : List.of(theirs, theirs.substring("msg_".length()))) {
                        if (operation.path().startsWith("/v1/events")) {
                            String event = product.read("/v1/events", TwoAccounts.readKey(OTHER))
                                    .at("/items/0/id")
                                    .asText();
                            assertProblem(404, product.get("/v1/events/" + event, TwoAccounts.adminKey(ACME)));
                            continue;
                        }
                        assertProblem(404, send(operation, operation.at(id, theirReplay), TwoAccounts.adminKey(ACME)));
                    }
                } else if (!operation.one()) {
                    String body = send(operation, operation.path(), TwoAccounts.adminKey(ACME))
                            .body();
                    assertFalse(body.contains(theirs), body);
                    assertFalse(body.contains("of-other"), body);
                    assertFalse(body.contains("other.my."), body);
                    assertFalse(body.contains("other/"), body);
                }
            }));
        }
        return tests;
    }

    @Test
    void a_webhook_of_the_same_name_is_changed_for_its_own_account_only() {
        product.post("/v1/webhooks/calls/pause", TwoAccounts.adminKey(OTHER), "application/json", "");
        assertEquals(
                "paused",
                product.read("/v1/webhooks/calls", TwoAccounts.readKey(OTHER))
                        .get("state")
                        .asText());
        assertEquals(
                "active",
                product.read("/v1/webhooks/calls", TwoAccounts.readKey(ACME))
                        .get("state")
                        .asText());
        product.post("/v1/webhooks/calls/resume", TwoAccounts.adminKey(OTHER), "application/json", "{}");
    }

    @Test
    void what_only_the_other_account_has_does_not_exist(@TempDir Path folder) {
        String text = TwoAccounts.delivering(receiver.url());
        int second = text.indexOf("- id: other");
        String renamed = text.substring(0, second)
                + text.substring(second)
                        .replace("name: calls", "name: theirs")
                        .replace("name: crm", "name: theirs")
                        .replace("client: crm", "client: theirs");
        try (RunningProduct running = RunningProduct.start(folder, renamed)) {
            for (Operation operation : OPERATIONS) {
                if (operation.path().contains("{name}")) {
                    String path = operation.path().replace("{name}", "theirs");
                    HttpRequest request = running.request(path, TwoAccounts.adminKey(ACME))
                            .method(operation.method(), HttpRequest.BodyPublishers.noBody())
                            .build();
                    assertProblem(404, running.send(request));
                }
            }
        }
    }

    @Test
    void the_same_identity_in_two_accounts_is_two_events() {
        String acmes = deliveryOf(ACME, "same");
        String others = deliveryOf(OTHER, "same");
        assertFalse(acmes.equals(others));
        JsonNode seen = product.read("/v1/deliveries?event=same", TwoAccounts.readKey(ACME))
                .get("items");
        assertEquals(1, seen.size());
        assertEquals(acmes, seen.get(0).get("id").asText());
    }

    @Test
    void no_answer_holds_a_secret() {
        for (String path : List.of(
                "/v1/webhooks",
                "/v1/oauth-clients",
                "/v1/oauth-clients/crm",
                "/v1/connections",
                "/v1/webhooks/conditioned",
                "/v1/signing-keys",
                "/.well-known/jwks.json")) {
            String body = product.get(path, TwoAccounts.adminKey(ACME)).body();
            assertFalse(body.contains(TwoAccounts.SECRET), body);
            assertFalse(body.contains(TwoAccounts.QUERY_SECRET), body);
            assertFalse(body.contains(TwoAccounts.SIGNING_SECRET), body);
            assertFalse(body.contains(TwoAccounts.SIGNING_SEED), body);
            assertFalse(body.contains("ingest-key"), body);
        }
    }

    @TestFactory
    List<DynamicTest> another_method_gets_405_with_what_is_allowed() {
        List<Operation> all = new ArrayList<>(OPERATIONS);
        all.add(new Operation("POST", "/v1/events", true, false));
        all.add(new Operation("GET", "/v1/openapi.yaml", false, false));
        all.add(new Operation("GET", "/.well-known/jwks.json", false, false));
        List<DynamicTest> tests = new ArrayList<>();
        Map<String, Set<String>> allowed = new TreeMap<>();
        all.forEach(operation -> allowed.computeIfAbsent(operation.path(), path -> new TreeSet<>())
                .add(operation.method()));
        for (Operation operation : all) {
            Set<String> methods = allowed.remove(operation.path());
            for (String method : List.of("HEAD", "OPTIONS", "DELETE", "PUT", "PATCH", "GET", "POST")) {
                // a webhook may be called preview: its own operations are at the same path
                boolean isShared = operation.path().equals("/v1/webhooks/preview");
                if (methods != null && !methods.contains(method) && !isShared) {
                    tests.add(DynamicTest.dynamicTest(method + " " + operation.path(), () -> {
                        HttpResponse<String> answer = product.send(
                                product.request(operation.at("01JDF2Y6T3A9K4E8Q7M5N6P0RS"), TwoAccounts.adminKey(ACME))
                                        .method(method, HttpRequest.BodyPublishers.noBody())
                                        .build());
                        assertEquals(
                                String.join(", ", methods),
                                answer.headers().firstValue("Allow").orElse(""));
                        if (method.equals("HEAD")) {
                            assertEquals(405, answer.statusCode());
                        } else {
                            assertProblem(405, answer);
                        }
                    }));
                }
            }
        }
        return tests;
    }

    @TestFactory
    List<DynamicTest> a_path_that_is_not_there_gets_404() {
        return List.of(
                        "/v1",
                        "/v2/deliveries",
                        "/v1/deliveriesx",
                        "/v1/deliveries/x/y",
                        "/v1/deliveries/nope",
                        "/v1/deliveries/msg_",
                        "/v1/deliveries/01jdf2y6t3a9k4e8q7m5n6p0rs",
                        "/v1/deliveries/%00",
                        "/v1/deliveries/%25",
                        "/v1/deliveries/%FF%FE",
                        "/v1/deliveries/..%2Fdeliveries",
                        "/v1/webhooks/%2e%2e/webhooks/calls",
                        "/v1/events/../webhooks/calls",
                        "/v1/webhooks/nope%2F..%2Fcalls",
                        "/v1/webhooks/x/../calls",
                        "/v1/webhooks/./calls",
                        "/v1//webhooks/calls",
                        "/v1/webhooks/CALLS",
                        "/v1/webhooks/calls%20",
                        "/v1/webhooks/%63alls%2561",
                        "/observe/health",
                        "/favicon.ico")
                .stream()
                .map(path -> DynamicTest.dynamicTest(
                        path, () -> assertProblem(404, product.get(path, TwoAccounts.adminKey(ACME)))))
                .toList();
    }

    @Test
    void a_name_in_a_path_is_decoded_once() {
        assertEquals(
                "calls",
                product.read("/v1/webhooks/%63alls", TwoAccounts.readKey(ACME))
                        .get("name")
                        .asText());
    }

    /** Semantics 5: failed keys are throttled, a valid one from the same address never is. */
    @Test
    void who_guesses_is_slowed_down_and_a_valid_key_from_the_same_address_is_not(@TempDir Path folder) {
        try (RunningProduct running = RunningProduct.start(folder, TwoAccounts.delivering(receiver.url()))) {
            for (int i = 0; i < 20; i++) {
                assertProblem(401, running.get("/v1/webhooks", "a-guess-" + i));
            }
            HttpResponse<String> slowed = running.get("/v1/webhooks", "a-guess");
            assertProblem(429, slowed);
            int wait =
                    Integer.parseInt(slowed.headers().firstValue("Retry-After").orElseThrow());
            assertTrue(wait >= 1 && wait <= 60, "Retry-After: " + wait);
            for (int i = 0; i < 50; i++) {
                assertEquals(
                        200,
                        running.get("/v1/webhooks", TwoAccounts.readKey(ACME)).statusCode());
            }
            assertProblem(429, running.get("/v1/webhooks", "another-guess"));
        }
    }

    @Test
    void a_key_that_asks_too_often_waits_as_long_as_it_is_told_and_no_other_key_does(@TempDir Path folder) {
        try (RunningProduct running =
                RunningProduct.start(folder, TwoAccounts.delivering(receiver.url()), "webhooks.ingest.rate-limit=1")) {
            HttpResponse<String> answer = running.get("/v1/webhooks", TwoAccounts.readKey(ACME));
            for (int i = 0; i < 50 && answer.statusCode() != 429; i++) {
                answer = running.get("/v1/webhooks", TwoAccounts.readKey(ACME));
            }
            assertProblem(429, answer);
            assertEquals("1", answer.headers().firstValue("Retry-After").orElse(""));
            assertEquals(
                    200, running.get("/v1/webhooks", TwoAccounts.readKey(OTHER)).statusCode());
        }
    }
}
