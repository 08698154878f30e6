package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.webhook.ApiKey;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** API keys are rotated without a gap, and nobody reads them back. */
@Timeout(300)
class ApiKeysTest {

    private static final String SET_UP =
            """
            accounts:
              - id: acme
                apiKeys:
                  - {name: before, role: ingest, key: the-ingest-key-of-before, until: "2020-01-01T00:00:00Z"}
                  - {name: ending, role: ingest, key: the-ingest-key-that-ends, until: "2999-01-01T00:00:00+01:00"}
                  - {name: platform, role: ingest, key: the-ingest-key-of-today}
                  - {name: staff, role: admin, key: the-admin-key-of-today}
            """;
    private static final String ADMIN = "the-admin-key-of-today";

    @TempDir
    Path folder;

    private static JsonNode key(RunningProduct product, String name) {
        for (JsonNode key : product.read("/v1/api-keys", ADMIN).get("items")) {
            if (key.get("name").asText().equals(name)) {
                return key;
            }
        }
        throw new AssertionError("no key " + name);
    }

    private static int send(RunningProduct product, String key, String id) {
        return product.postEvent(key, TwoAccounts.event(id)).statusCode();
    }

    @Test
    void several_keys_are_good_at_a_time_until_each_ones_end() {
        try (RunningProduct product = RunningProduct.start(folder, SET_UP)) {
            assertEquals(202, send(product, "the-ingest-key-that-ends", "1"));
            assertEquals(202, send(product, "the-ingest-key-of-today", "2"));
            HttpResponse<String> ended = product.postEvent("the-ingest-key-of-before", TwoAccounts.event("3"));
            assertEquals(401, ended.statusCode());
            assertTrue(ended.body().contains("2020-01-01"), ended.body());
            assertTrue(key(product, "before").get("ended").asBoolean());
            assertFalse(key(product, "ending").get("ended").asBoolean());
            assertEquals(
                    "2998-12-31T23:00:00Z", key(product, "ending").get("until").asText());
        }
    }

    @Test
    void a_key_that_has_ended_is_no_guess_however_often_it_comes() {
        try (RunningProduct product = RunningProduct.start(folder, SET_UP)) {
            for (int i = 0; i < 30; i++) {
                assertEquals(401, send(product, "the-ingest-key-of-before", "x"));
            }
        }
    }

    @Test
    void when_a_key_was_last_used_survives_a_restart() {
        RunningProduct product = RunningProduct.start(folder, SET_UP);
        Instant before = Instant.now().minusMillis(1);
        assertTrue(key(product, "platform").get("lastUsedAt").isNull());
        assertEquals(202, send(product, "the-ingest-key-of-today", "1"));
        String used = key(product, "platform").get("lastUsedAt").asText();
        assertFalse(Instant.parse(used).isBefore(before.truncatedTo(java.time.temporal.ChronoUnit.MILLIS)));
        product.stop();
        product.start();
        try (product) {
            assertEquals(used, key(product, "platform").get("lastUsedAt").asText());
            assertTrue(key(product, "before").get("lastUsedAt").isNull());
        }
    }

    @Test
    void neither_a_key_nor_its_hash_is_told() {
        try (RunningProduct product = RunningProduct.start(folder, SET_UP)) {
            String body = product.get("/v1/api-keys", ADMIN).body();
            assertNotNull(key(product, "staff"));
            assertFalse(body.contains("-of-today"), body);
            String hash = HexFormat.of().formatHex(ApiKey.hash(ADMIN));
            assertFalse(body.contains(hash.substring(0, 8)), body);
        }
    }
}
