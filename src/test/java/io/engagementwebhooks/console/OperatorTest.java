package io.engagementwebhooks.console;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The operator sees accounts and everybody's figures, no payload and no secret, and changes nothing (semantics 25). */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OperatorTest {

    private static final String OPERATOR = TwoAccounts.OPERATOR;
    private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");
    private static final Set<String> OPERATORS = Set.of("GET /v1/accounts", "GET /v1/webhooks", "GET /v1/routes");

    private Receiver receiver;
    private RunningProduct product;

    @BeforeAll
    void start(@TempDir Path folder) {
        receiver = new Receiver(got -> new Receiver.Reply(got.body().contains("unlucky") ? 500 : 204));
        product = RunningProduct.start(folder, TwoAccounts.delivering(receiver.url()), TwoAccounts.OPERATOR_SETTING);
        for (String id : List.of("lucky-1", "lucky-2", "unlucky")) {
            product.postEvent(TwoAccounts.ingestKey("acme"), TwoAccounts.event(id));
        }
        product.awaitDeliveries(TwoAccounts.readKey("acme"), "lucky-1", 1, "delivered");
        product.awaitDeliveries(TwoAccounts.readKey("acme"), "lucky-2", 1, "delivered");
        product.awaitDeliveries(TwoAccounts.readKey("acme"), "unlucky", 1, "waiting");
        product.post("/v1/webhooks/calls/pause", TwoAccounts.adminKey("other"), "application/json", "");
        // on a slow machine counting may take longer than a page waits for it
        await().until(() -> counted("/v1/accounts") == 3 && counted("/v1/webhooks?account=acme") == 3);
    }

    private int counted(String path) {
        int counted = 0;
        for (JsonNode one : product.read(path, OPERATOR).get("items")) {
            counted += one.get("delivered").asInt() + one.get("waiting").asInt();
        }
        return counted;
    }

    @AfterAll
    void stop() {
        product.close();
        receiver.close();
    }

    @Test
    void every_account_is_told_in_figures() {
        JsonNode accounts = product.read("/v1/accounts", OPERATOR).get("items");
        assertEquals(2, accounts.size());
        JsonNode acme = accounts.get(0);
        assertEquals("acme", acme.get("id").asText());
        assertEquals(5, acme.get("webhooks").asInt());
        assertEquals(5, acme.get("active").asInt());
        assertEquals(2, acme.get("delivered").asInt());
        assertEquals(1, acme.get("waiting").asInt());
        assertEquals(0, acme.get("gaveUp").asInt());
        JsonNode other = accounts.get(1);
        assertEquals("other", other.get("id").asText());
        assertEquals(1, other.get("paused").asInt());
        assertEquals(4, other.get("active").asInt());
        assertEquals(0, other.get("delivered").asInt());
    }

    @Test
    void accounts_come_in_pages() {
        JsonNode first = product.read("/v1/accounts?limit=1", OPERATOR);
        assertEquals("acme", first.get("items").get(0).get("id").asText());
        JsonNode second =
                product.read("/v1/accounts?limit=1&cursor=" + first.get("next").asText(), OPERATOR);
        assertEquals("other", second.get("items").get(0).get("id").asText());
        assertTrue(second.get("next").isNull());
    }

    @Test
    void an_accounts_webhooks_are_told_as_figures_without_their_definitions() {
        JsonNode webhooks = product.read("/v1/webhooks?account=acme", OPERATOR).get("items");
        assertEquals(5, webhooks.size());
        JsonNode calls = webhooks.get(0);
        assertEquals("calls", calls.get("name").asText());
        assertEquals(2, calls.get("delivered").asInt());
        assertEquals(1, calls.get("waiting").asInt());
        for (String definition : List.of("target", "events", "condition", "authentication", "reason")) {
            assertFalse(calls.has(definition), definition);
        }
        assertFalse(webhooks.toString().contains("127.0.0.1"), webhooks.toString());
    }

    @Test
    void the_operator_has_no_account_of_his_own_and_an_unknown_one_is_not_there() {
        assertEquals(400, product.get("/v1/webhooks", OPERATOR).statusCode());
        assertEquals(404, product.get("/v1/webhooks?account=nobody", OPERATOR).statusCode());
        assertEquals(
                404,
                product.get("/v1/webhooks?account=%28operator%29", OPERATOR).statusCode());
    }

    @Test
    void an_account_names_no_other_account_and_sees_no_list_of_them() {
        assertEquals(
                403, product.get("/v1/accounts", TwoAccounts.adminKey("acme")).statusCode());
        assertEquals(
                404,
                product.get("/v1/webhooks?account=other", TwoAccounts.adminKey("acme"))
                        .statusCode());
        assertEquals(
                5,
                product.read("/v1/webhooks?account=acme", TwoAccounts.adminKey("acme"))
                        .get("items")
                        .size());
    }

    /** Driven by the document, so that a new operation is refused unless it is on the operator's short list. */
    @TestFactory
    List<DynamicTest> everything_else_is_refused() throws Exception {
        JsonNode document = new ObjectMapper(new YAMLFactory())
                .readTree(Path.of("docs", "openapi.yaml").toFile());
        List<DynamicTest> tests = new ArrayList<>();
        document.get("paths")
                .properties()
                .forEach(path -> path.getValue().properties().forEach(method -> {
                    String operation = method.getKey().toUpperCase() + " " + path.getKey();
                    boolean open = method.getValue().has("security")
                            && method.getValue().get("security").isEmpty();
                    if (METHODS.contains(method.getKey()) && !open && !OPERATORS.contains(operation)) {
                        tests.add(DynamicTest.dynamicTest(operation, () -> {
                            String at = path.getKey().replaceAll("\\{[^}]*}", "calls");
                            HttpResponse<String> answer = product.send(product.request(at, OPERATOR)
                                    .header("Content-Type", "application/json")
                                    .method(
                                            method.getKey().toUpperCase(),
                                            method.getKey().equals("get")
                                                    ? HttpRequest.BodyPublishers.noBody()
                                                    : HttpRequest.BodyPublishers.ofString("{}"))
                                    .build());
                            assertEquals(403, answer.statusCode(), answer.body());
                            assertFalse(answer.body().contains(OPERATOR));
                        }));
                    }
                }));
        assertTrue(tests.size() > 8, "operations found: " + tests.size());
        return tests;
    }

    @Test
    void the_key_may_be_given_by_its_hash_and_without_one_there_is_no_operator(@TempDir Path folder) throws Exception {
        String hash = HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(OPERATOR.getBytes(StandardCharsets.UTF_8)));
        String setUp = TwoAccounts.delivering(receiver.url());
        try (RunningProduct hashed =
                RunningProduct.start(folder.resolve("a"), setUp, "webhooks.operator-key=sha256:" + hash)) {
            assertEquals(200, hashed.get("/v1/accounts", OPERATOR).statusCode());
            assertEquals(401, hashed.get("/v1/accounts", "sha256:" + hash).statusCode());
        }
        Files.writeString(Files.createDirectories(folder.resolve("b")).resolve("operator"), OPERATOR + "\n");
        try (RunningProduct fromFile =
                RunningProduct.start(folder.resolve("b"), setUp, "webhooks.operator-key=file:operator")) {
            assertEquals(200, fromFile.get("/v1/accounts", OPERATOR).statusCode());
        }
        try (RunningProduct without = RunningProduct.start(folder.resolve("c"), setUp)) {
            assertEquals(401, without.get("/v1/accounts", OPERATOR).statusCode());
        }
    }
}
