package io.engagementwebhooks.api;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.operate.settings.Settings;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.webhook.ApiKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The operator sees accounts and statistics, no payload and no secret (semantics 25); {@link AccessTest} shows that all
 * else is refused.
 */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OperatorTest {

    private static final String OPERATOR = RunningProduct.OPERATOR;

    @AutoClose
    private final Receiver receiver =
            new Receiver(got -> new Receiver.Reply(got.body().contains("unlucky") ? 500 : 204));

    @AutoClose
    private RunningProduct product;

    private String acme;
    private String other;

    @BeforeAll
    void start() {
        product = RunningProduct.shared(TwoAccounts.delivering(receiver.url()));
        acme = product.account("acme");
        other = product.account("other");
        for (String id : List.of("lucky-1", "lucky-2", "unlucky")) {
            product.postEvent(TwoAccounts.ingestKey("acme"), TwoAccounts.event(id));
        }
        product.awaitDeliveries(TwoAccounts.readKey("acme"), "lucky-1", 1, "delivered");
        product.awaitDeliveries(TwoAccounts.readKey("acme"), "lucky-2", 1, "delivered");
        product.awaitDeliveries(TwoAccounts.readKey("acme"), "unlucky", 1, "waiting");
        product.post("/v1/webhooks/calls/pause", TwoAccounts.adminKey("other"), "application/json", "");
        // counting may take longer than the request on a slow machine
        await().until(() -> counted(List.of(account(acme))) == 3 && counted(webhooks()) == 3);
    }

    private JsonNode account(String id) {
        for (JsonNode one : product.read("/v1/accounts", OPERATOR).get("items")) {
            if (one.get("id").asText().equals(id)) {
                return one;
            }
        }
        throw new AssertionError("no account " + id);
    }

    private JsonNode webhooks() {
        return product.read("/v1/webhooks?account=" + acme, OPERATOR).get("items");
    }

    private static int counted(Iterable<JsonNode> figures) {
        int counted = 0;
        for (JsonNode one : figures) {
            counted += one.get("delivered").asInt() + one.get("waiting").asInt();
        }
        return counted;
    }

    @Test
    void an_account_shows_how_many_of_its_webhooks_are_unhealthy() {
        await().until(() -> account(acme).get("degraded").asInt() == 1); // one attempt of three failed
        assertEquals(0, account(acme).get("failing").asInt());
        assertEquals(0, account(other).get("degraded").asInt());
    }

    @Test
    void each_account_has_statistics() {
        JsonNode first = account(acme);
        assertEquals(5, first.get("webhooks").asInt());
        assertEquals(5, first.get("active").asInt());
        assertEquals(2, first.get("delivered").asInt());
        assertEquals(1, first.get("waiting").asInt());
        assertEquals(0, first.get("gaveUp").asInt());
        assertTrue(first.get("processorSeconds").asDouble() > 0, "its events were read");
        assertTrue(
                first.get("processorShare").asDouble() > 0
                        && first.get("processorShare").asDouble() <= 1,
                first.toString());
        assertEquals(0, first.get("memoryBytes").asInt(), "no work is running");
        assertEquals(0, first.get("memoryRefused").asInt());
        JsonNode second = account(other);
        assertEquals(1, second.get("paused").asInt());
        assertEquals(4, second.get("active").asInt());
        assertEquals(0, second.get("delivered").asInt());
    }

    @Test
    void accounts_are_paginated() {
        List<String> all = product.read("/v1/accounts", OPERATOR).findValuesAsText("id");
        assertTrue(all.containsAll(List.of(acme, other)), all.toString());
        List<String> walked = new ArrayList<>();
        for (String cursor = ""; cursor != null; ) {
            JsonNode page = product.read("/v1/accounts?limit=1" + cursor, OPERATOR);
            assertEquals(1, page.get("items").size());
            walked.addAll(page.findValuesAsText("id"));
            cursor = page.get("next").isNull()
                    ? null
                    : "&cursor=" + page.get("next").asText();
        }
        assertEquals(all, walked);
    }

    @Test
    void webhooks_of_an_account_have_statistics_and_no_definitions() {
        JsonNode webhooks = webhooks();
        assertEquals(5, webhooks.size());
        JsonNode calls = webhooks.get(0);
        assertEquals("calls", calls.get("name").asText());
        assertEquals(2, calls.get("delivered").asInt());
        assertEquals(1, calls.get("waiting").asInt());
        for (String definition : List.of("definition", "reason")) {
            assertFalse(calls.has(definition), definition);
        }
        assertFalse(webhooks.toString().contains("127.0.0.1"), webhooks.toString());
    }

    @Test
    void the_operator_has_no_account_and_an_unknown_account_gets_404() {
        assertEquals(400, product.get("/v1/webhooks", OPERATOR).statusCode());
        assertEquals(404, product.get("/v1/webhooks?account=unknown", OPERATOR).statusCode());
        assertEquals(
                404,
                product.get("/v1/webhooks?account=%28operator%29", OPERATOR).statusCode());
    }

    @Test
    void an_account_names_itself_and_no_other() {
        String key = TwoAccounts.adminKey("acme");
        assertEquals(404, product.get("/v1/webhooks?account=" + other, key).statusCode());
        assertEquals(
                5,
                product.read("/v1/webhooks?account=" + acme, key).get("items").size());
    }

    @Test
    void the_key_may_be_given_by_its_hash_or_in_a_file_and_without_one_there_is_no_operator(@TempDir Path folder)
            throws Exception {
        String hash = "sha256:" + HexFormat.of().formatHex(ApiKey.hash(OPERATOR));
        Files.writeString(folder.resolve("operator"), OPERATOR + "\n");
        for (String setting : List.of(OPERATOR, hash, "file:operator")) {
            ApiKey key = operatorKey(folder, setting).orElseThrow();
            assertTrue(key.is(ApiKey.hash(OPERATOR)), setting);
            assertFalse(key.is(ApiKey.hash(hash)), setting);
        }
        assertEquals(Optional.empty(), operatorKey(folder, ""));
    }

    private static Optional<ApiKey> operatorKey(Path folder, String setting) throws IOException {
        Files.writeString(folder.resolve("application.properties"), "webhooks.operator-key=" + setting);
        return Settings.read(folder, Map.of(), new Properties()).operatorKey();
    }
}
