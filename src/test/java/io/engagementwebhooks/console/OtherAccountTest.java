package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Promise 10: accounts do not mix. Two accounts have everything, all of it named alike; each operation of docs/openapi.yaml
 * is called by one for what is the other's: by id, by name, by cursor, by parameter. The table {@link #PATHS} says what a
 * path's part in braces stands for; an operation that is not in it fails with what to add.
 */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OtherAccountTest {

    private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");
    private static final String ADMIN = TwoAccounts.adminKey("acme");

    /** What an operation is about. */
    private enum About {
        /** One thing with an id of its own: that of the other account's is not there. */
        AN_ID,
        /** One thing by its name: of the same name, one's own; of a name that only the other account has, not there. */
        A_NAME,
        /** Everything of the account: nothing of the other's is in it. */
        ALL,
        /** New events, which become the key's account's. */
        SENDING,
        /** No account at all, or all of them for the operator: an account's key gets nothing of any account. */
        NO_ACCOUNT
    }

    private static final Map<String, About> PATHS = new LinkedHashMap<>();

    static {
        PATHS.put("/v1/events", About.SENDING);
        PATHS.put("/v1/deliveries", About.ALL);
        PATHS.put("/v1/deliveries/{id}", About.AN_ID);
        PATHS.put("/v1/deliveries/{id}/attempts", About.AN_ID);
        PATHS.put("/v1/deliveries/{id}/replay", About.AN_ID);
        PATHS.put("/v1/deliveries/{id}/cancel", About.AN_ID);
        PATHS.put("/v1/deliveries/{id}/retry", About.AN_ID);
        PATHS.put("/v1/replays", About.ALL);
        PATHS.put("/v1/replays/{id}", About.AN_ID);
        PATHS.put("/v1/replays/{id}/cancel", About.AN_ID);
        PATHS.put("/v1/webhooks/{name}/discard", About.A_NAME);
        PATHS.put("/v1/webhooks/{name}/release", About.A_NAME);
        PATHS.put("/v1/events/{id}", About.AN_ID);
        PATHS.put("/v1/figures", About.ALL);
        PATHS.put("/v1/waiting", About.ALL);
        PATHS.put("/v1/webhooks/preview", About.ALL);
        PATHS.put("/v1/webhooks/{name}/test", About.A_NAME);
        PATHS.put("/v1/webhooks", About.ALL);
        PATHS.put("/v1/webhooks/{name}", About.A_NAME);
        PATHS.put("/v1/webhooks/{name}/pause", About.A_NAME);
        PATHS.put("/v1/webhooks/{name}/resume", About.A_NAME);
        PATHS.put("/v1/oauth-clients", About.ALL);
        PATHS.put("/v1/oauth-clients/{name}", About.A_NAME);
        PATHS.put("/v1/oauth-clients/{name}/test", About.A_NAME);
        PATHS.put("/v1/connections", About.ALL);
        PATHS.put("/v1/connections/{name}/test", About.A_NAME);
        PATHS.put("/v1/connections/{name}", About.A_NAME);
        PATHS.put("/v1/api-keys", About.ALL);
        PATHS.put("/v1/api-keys/{name}", About.A_NAME);
        PATHS.put("/v1/signing-keys/{name}", About.A_NAME);
        PATHS.put("/v1/signing-keys/{name}/rotate", About.A_NAME);
        PATHS.put("/v1/audit", About.ALL);
        PATHS.put("/v1/signing-keys", About.ALL);
        // public: the ids of accounts that sign by Ed25519 are known to everybody, and nothing else of them
        PATHS.put("/.well-known/jwks.json", About.NO_ACCOUNT);
        PATHS.put("/v1/accounts", About.NO_ACCOUNT);
        PATHS.put("/v1/routes", About.NO_ACCOUNT);
        PATHS.put("/v1/openapi.yaml", About.NO_ACCOUNT);
    }

    /** What each kind of thing is called in both accounts, by the path's second part; and what only the other one has. */
    private static final Map<String, String> SHARED = Map.of(
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

    private static final String ONLY_OTHERS = "only-the-others";

    private Receiver receiver;
    private RunningProduct product;
    private String theirs;
    private String theirReplay;
    private String theirEvent;
    private JsonNode document;

    private record Operation(String method, String path, JsonNode definition) {
        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        receiver = new Receiver(got -> new Receiver.Reply(200, Map.of("X-Receiver", "r"), "echo " + got.body()));
        document = new ObjectMapper(new YAMLFactory())
                .readTree(Path.of("docs", "openapi.yaml").toFile());
        product = RunningProduct.start(folder, setUp(), TwoAccounts.OPERATOR_SETTING);
        leaveWaiting();
        for (String account : List.of("acme", "other")) {
            for (String event : List.of("first", "second")) {
                product.postEvent(
                        TwoAccounts.ingestKey(account),
                        TwoAccounts.event(event).replace("\"duration\":1", "\"of\":\"of-" + account + "\""));
                product.awaitDeliveries(TwoAccounts.readKey(account), event, 1, "delivered");
            }
            for (String change : List.of("pause", "resume")) {
                product.post("/v1/webhooks/calls/" + change, TwoAccounts.adminKey(account), "application/json", "");
            }
            for (int i = 0; i < 2; i++) {
                HttpResponse<String> replay = product.post(
                        "/v1/replays",
                        TwoAccounts.adminKey(account),
                        "application/json",
                        "{\"eventType\": \"of-" + account + "\"}");
                theirReplay = RunningProduct.json(replay).get("id").asText();
            }
        }
        theirEvent = product.read("/v1/events", TwoAccounts.readKey("other"))
                .at("/items/0/id")
                .asText();
        theirs = product.read("/v1/deliveries", TwoAccounts.readKey("other"))
                .get("items")
                .get(0)
                .get("id")
                .asText();
    }

    /** At two webhooks of the other account. */
    private void leaveWaiting() {
        for (String webhook : List.of(ONLY_OTHERS, ONLY_OTHERS + "-too")) {
            product.post("/v1/webhooks/" + webhook + "/pause", TwoAccounts.adminKey("other"), "application/json", "");
        }
        product.postEvent(
                TwoAccounts.ingestKey("other"), TwoAccounts.event("waits").replace("call.ended", "of.others"));
        product.awaitDeliveries(TwoAccounts.readKey("other"), "waits", 2, "paused");
    }

    @AfterAll
    void stop() {
        product.close();
        receiver.close();
    }

    /** The other account has one thing more of each kind that has names. */
    private String setUp() {
        String text = TwoAccounts.delivering(receiver.url());
        int second = text.indexOf("- id: other");
        String others = text.substring(second)
                .replace(
                        "    oauthClients:\n",
                        "    oauthClients:\n      - {name: only-the-others, clientId: id-of-other, clientSecret: a-secret-nobody-sees,"
                                + " authenticationEndpoint: https://auth.example.com}\n")
                .replace(
                        "    connections:\n",
                        "    connections:\n      - {name: only-the-others, type: salesforce, loginUrl:"
                                + " \"https://of-other.my.salesforce.com\", clientId: id-of-other,"
                                + " clientSecret: a-secret-nobody-sees, apiVersion: \"62.0\"}\n")
                .replace(
                        "    webhooks:\n",
                        "    webhooks:\n"
                                + Stream.of(ONLY_OTHERS, ONLY_OTHERS + "-too")
                                        .map(
                                                name -> "      - {name: " + name
                                                        + ", events: [of.others], delivery: {url:"
                                                        + " \"https://of-other.example.com/\", authentication: {type: none}}}\n")
                                        .collect(Collectors.joining()));
        others = others.replace(
                        "    apiKeys:\n",
                        "    apiKeys:\n      - {name: only-the-others, role: read, key: a-key-of-other-000000}\n")
                .replace(
                        "    signingKeys:\n",
                        "    signingKeys:\n      - {id: only-the-others, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}\n");
        return text.substring(0, second) + others;
    }

    private List<Operation> operations() {
        List<Operation> operations = new ArrayList<>();
        document.get("paths")
                .properties()
                .forEach(path -> path.getValue().properties().forEach(method -> {
                    if (METHODS.contains(method.getKey())) {
                        operations.add(new Operation(method.getKey().toUpperCase(), path.getKey(), method.getValue()));
                    }
                }));
        return operations;
    }

    @Test
    void every_path_of_the_document_is_in_the_table() {
        Set<String> missing = new TreeSet<>();
        operations().forEach(operation -> missing.add(operation.path()));
        missing.removeAll(PATHS.keySet());
        assertEquals(
                Set.of(),
                missing,
                "add these to OtherAccountTest.PATHS with what they are about (AN_ID, A_NAME, ALL, SENDING, NO_ACCOUNT); for"
                        + " A_NAME also to SHARED, and give the other account one called '" + ONLY_OTHERS + "'");
    }

    @TestFactory
    List<DynamicTest> what_is_the_others_is_not_there() {
        return operations().stream()
                .filter(operation -> PATHS.containsKey(operation.path()))
                .map(operation -> DynamicTest.dynamicTest(operation.toString(), () -> check(operation)))
                .toList();
    }

    private void check(Operation operation) {
        switch (PATHS.get(operation.path())) {
            case AN_ID -> assertNoId(operation);
            case A_NAME -> assertNoName(operation);
            case ALL -> assertNothingOfOthers(operation, operation.path());
            case SENDING -> {
                if (operation.method().equals("GET")) {
                    assertNothingOfOthers(operation, operation.path());
                } else {
                    assertSentForOneself();
                }
            }
            case NO_ACCOUNT -> assertNoAccount(operation);
        }
    }

    private void assertNoId(Operation operation) {
        List<String> ids = operation.path().startsWith("/v1/replays")
                ? List.of(theirReplay)
                : operation.path().startsWith("/v1/events")
                        ? List.of(theirEvent)
                        : List.of(theirs, theirs.substring("msg_".length()));
        for (String id : ids) {
            assertEquals(
                    404,
                    call(operation, operation.path().replaceAll("\\{\\w+}", id)).statusCode());
        }
    }

    private void assertNoName(Operation operation) {
        String kind = operation.path().split("/")[2];
        assertTrue(SHARED.containsKey(kind), "add " + kind + " to SHARED");
        assertEquals(
                404,
                call(operation, operation.path().replaceAll("\\{\\w+}", ONLY_OTHERS))
                        .statusCode());
        String before = state("other", kind);
        assertNothingOfOthers(operation, operation.path().replaceAll("\\{\\w+}", SHARED.get(kind)));
        assertEquals(before, state("other", kind), "the other's thing of that name is as it was");
    }

    /** All that an account's administrator reads of a kind. */
    private String state(String account, String kind) {
        return product.get("/v1/" + kind, TwoAccounts.adminKey(account)).body();
    }

    private void assertNothingOfOthers(Operation operation, String path) {
        HttpResponse<String> answer = call(operation, path);
        assertTrue(answer.statusCode() < 500 && answer.statusCode() != 403, answer.body());
        assertClean(answer);
        for (JsonNode parameter : operation.definition().path("parameters")) {
            JsonNode resolved = resolved(parameter);
            if (resolved.path("in").asText().equals("query")) {
                askByParameter(operation, path, resolved.get("name").asText());
            }
        }
    }

    /** The other's ids, names and cursors as the value of each parameter. */
    private void askByParameter(Operation operation, String path, String name) {
        List<String> values = new ArrayList<>(List.of("other", ONLY_OTHERS, theirs, "../other", "acme\nother"));
        if (name.equals("cursor")) {
            String next = product.read(path + "?limit=1", TwoAccounts.adminKey("other"))
                    .path("next")
                    .asText("");
            assertFalse(next.isEmpty(), "two pages of the other account's are needed for its cursor: " + path);
            values.add(next);
        }
        for (String value : values) {
            HttpResponse<String> answer =
                    call(operation, path + "?" + name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8));
            assertTrue(Set.of(200, 400, 404).contains(answer.statusCode()), answer.statusCode() + " " + answer.body());
            if (name.equals("cursor")) {
                assertEquals(400, answer.statusCode(), "a cursor of the other account");
            }
            if (answer.statusCode() == 200) {
                assertClean(answer);
            }
        }
    }

    private void assertSentForOneself() {
        int before = count("other");
        String event = TwoAccounts.event("sent").replace("{\"id\"", "{\"account\":\"other\",\"id\"");
        assertEquals(
                403,
                product.postEvent(TwoAccounts.ingestKey("acme"), event).statusCode(),
                "the other's account is named");
        product.postEvent(
                TwoAccounts.ingestKey("acme"), TwoAccounts.event("first").replace("first", "sent"));
        product.awaitDeliveries(TwoAccounts.readKey("acme"), "sent", 1, "delivered");
        assertEquals(before, count("other"));
    }

    private int count(String account) {
        return product.read("/v1/deliveries?limit=200", TwoAccounts.readKey(account))
                .get("items")
                .size();
    }

    private void assertNoAccount(Operation operation) {
        HttpResponse<String> answer = call(operation, operation.path());
        assertTrue(Set.of(200, 403).contains(answer.statusCode()), answer.body());
        assertFalse(answer.body().contains("of-other") || answer.body().contains("of-acme"), answer.body());
    }

    private void assertClean(HttpResponse<String> answer) {
        String body = answer.body();
        for (String part : List.of(theirs, "of-other", "other.my.", ONLY_OTHERS)) {
            assertFalse(body.contains(part), part + " is in " + body);
        }
    }

    private JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? document.at(node.get("$ref").asText().substring(1)) : node;
    }

    private HttpResponse<String> call(Operation operation, String path) {
        boolean reads = operation.method().equals("GET");
        HttpRequest.Builder request = product.request(path, ADMIN);
        if (!reads) {
            request.header("Content-Type", "application/json");
        }
        return product.send(request.method(
                        operation.method(),
                        reads ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString("{}"))
                .build());
    }

    /** Without this the search could be blind. */
    @Test
    void the_others_things_are_there_for_the_other() {
        for (String path : List.of("/v1/webhooks", "/v1/oauth-clients", "/v1/connections")) {
            String body = product.get(path, TwoAccounts.adminKey("other")).body();
            assertTrue(body.contains("other"), body);
        }
        assertTrue(product.get("/v1/deliveries/" + theirs, TwoAccounts.adminKey("other"))
                .body()
                .contains("of-other"));
        for (Map.Entry<String, String> kind : SHARED.entrySet()) {
            assertTrue(state("other", kind.getKey()).contains(ONLY_OTHERS), kind.getKey());
            assertTrue(state("acme", kind.getKey()).contains(kind.getValue()), kind.getKey());
        }
    }
}
