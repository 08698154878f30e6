package io.engagementwebhooks.deliver.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.webhook.SigningKey;
import io.engagementwebhooks.webhook.SigningKey.Scheme;
import io.engagementwebhooks.webhook.auth.Secret;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Semantics 16: the test vectors of Standard Webhooks. */
class WebhookSignerTest {

    private final JsonNode vectors = vectors();
    private final JsonNode symmetric = vectors.get("v1").get(0);
    private final JsonNode asymmetric = vectors.get("v1a").get(0);

    @Test
    void a_shared_secret_signs_as_the_vector_says() {
        SigningKey key = key("k1", Scheme.V1, symmetric.get("secret").textValue());
        assertEquals(symmetric.get("signature").textValue(), sign(symmetric, List.of(key)));
    }

    @Test
    void an_ed25519_key_signs_as_the_vector_says() {
        String material = asymmetric.get("private_key_base64").textValue();
        assertEquals(
                asymmetric.get("signature").textValue(),
                sign(asymmetric, List.of(key("k2", Scheme.V1A, "whsk_" + material))));
    }

    @Test
    void all_keys_sign_with_a_space_between() {
        SigningKey newest = key(
                "k2", Scheme.V1A, "whsk_" + asymmetric.get("private_key_base64").textValue());
        SigningKey older = key("k1", Scheme.V1, symmetric.get("secret").textValue());
        assertEquals(
                asymmetric.get("signature").textValue() + " "
                        + symmetric.get("signature").textValue(),
                sign(symmetric, List.of(newest, older)));
    }

    @Test
    void a_key_in_pem_signs() throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        String pem = "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(pair.getPrivate().getEncoded())
                + "\n-----END PRIVATE KEY-----\n";
        String signature = sign(asymmetric, List.of(key("k3", Scheme.V1A, pem)));

        java.security.Signature check = java.security.Signature.getInstance("Ed25519");
        check.initVerify(pair.getPublic());
        check.update((asymmetric.get("id").textValue() + "."
                        + asymmetric.get("timestamp").longValue() + "."
                        + asymmetric.get("body").textValue())
                .getBytes(StandardCharsets.UTF_8));
        assertTrue(check.verify(Base64.getDecoder().decode(signature.substring("v1a,".length()))));
    }

    @Test
    void a_key_that_cannot_be_read_is_named_without_its_text() {
        for (Scheme scheme : Scheme.values()) {
            for (String text : List.of("whsk_not!base64", "whsec_not!base64", "whsk_c2hvcnQ=", "not!base64")) {
                IllegalArgumentException fault =
                        assertThrows(IllegalArgumentException.class, () -> key("k9", scheme, text));
                assertTrue(fault.getMessage().startsWith("signing key 'k9' "), fault.getMessage());
                assertFalse(fault.getMessage().contains("not!base64"), fault.getMessage());
                assertNull(fault.getCause());
            }
        }
    }

    private static String sign(JsonNode vector, List<SigningKey> keys) {
        return WebhookSigner.sign(
                vector.get("id").textValue(),
                vector.get("timestamp").longValue(),
                vector.get("body").textValue().getBytes(StandardCharsets.UTF_8),
                keys);
    }

    private static SigningKey key(String id, Scheme scheme, String material) {
        return new SigningKey(id, scheme, Secret.of(material));
    }

    private static JsonNode vectors() {
        try (InputStream in = WebhookSignerTest.class.getResourceAsStream("/vectors/standard-webhooks.json")) {
            return new ObjectMapper().readTree(in);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
