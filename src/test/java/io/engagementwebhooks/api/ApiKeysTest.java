package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.webhook.ApiKey;
import java.net.http.HttpResponse;
import java.util.HexFormat;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** API keys are rotated without an interruption, and cannot be read back. */
@Timeout(300)
class ApiKeysTest {

    static final String CONFIG =
            """
            accounts:
              - id: acme
                apiKeys:
                  - {name: before, role: ingest, key: the-ingest-key-of-before, until: "2020-01-01T00:00:00Z"}
                  - {name: ending, role: ingest, key: the-ingest-key-that-ends, until: "2999-01-01T00:00:00+01:00"}
                  - {name: platform, role: ingest, key: the-ingest-key-of-today}
                  - {name: staff, role: admin, key: acme-admin-key-00000}
            """;
    private static final String ADMIN = TwoAccounts.adminKey("acme");

    @AutoClose
    private final RunningProduct product = RunningProduct.shared(CONFIG);

    private final ApiClient acme = new ApiClient(product, ADMIN);

    static JsonNode key(ApiClient account, String name) {
        for (JsonNode key : account.read("/v1/api-keys").get("items")) {
            if (key.get("name").asText().equals(name)) {
                return key;
            }
        }
        throw new AssertionError("no key " + name);
    }

    private int send(String key, String id) {
        return product.postEvent(key, TwoAccounts.event(id)).statusCode();
    }

    @Test
    void several_keys_work_at_a_time_until_they_end() {
        assertEquals(202, send("the-ingest-key-that-ends", "1"));
        assertEquals(202, send("the-ingest-key-of-today", "2"));
        HttpResponse<String> ended = product.postEvent("the-ingest-key-of-before", TwoAccounts.event("3"));
        assertEquals(401, ended.statusCode());
        assertTrue(ended.body().contains("2020-01-01"), ended.body());
        assertTrue(key(acme, "before").get("ended").asBoolean());
        assertFalse(key(acme, "ending").get("ended").asBoolean());
        assertEquals("2998-12-31T23:00:00Z", key(acme, "ending").get("until").asText());
    }

    @Test
    void an_ended_key_does_not_count_as_a_guess() {
        for (int i = 0; i < 30; i++) {
            assertEquals(401, send("the-ingest-key-of-before", "x"));
        }
    }

    @Test
    void neither_a_key_nor_its_hash_is_shown() {
        String body = acme.get("/v1/api-keys").body();
        assertNotNull(key(acme, "staff"));
        assertFalse(body.contains("-of-today"), body);
        assertFalse(body.contains(ADMIN), body);
        String hash = HexFormat.of().formatHex(ApiKey.hash(product.key(ADMIN)));
        assertFalse(body.contains(hash.substring(0, 8)), body);
    }
}
