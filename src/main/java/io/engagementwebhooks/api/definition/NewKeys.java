package io.engagementwebhooks.api.definition;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.config.schema.FieldFault;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.signing.Ed25519Key;
import io.engagementwebhooks.webhook.signing.HmacKey;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** Generates keys that are shown once. Thread-safe. */
public record NewKeys(SecureRandom random) {

    private static final String PREFIX = "ewk_";
    private static final int BYTES = 32;

    /**
     * Adds a generated key to a definition that needs one.
     *
     * @return what to show once
     */
    Map<String, Object> complete(ResourceKind kind, ObjectNode definition, List<FieldFault> faults) {
        return switch (kind) {
            case API_KEY -> apiKey(definition, faults);
            case SIGNING_KEY -> signingKey(definition, faults);
            default -> Map.of();
        };
    }

    private Map<String, Object> apiKey(ObjectNode definition, List<FieldFault> faults) {
        forCheck(definition, faults);
        return Map.of("key", definition.get("key").textValue());
    }

    /** Puts a placeholder into a definition that has only the hash of a key, so that it can be validated. */
    void forCheck(ObjectNode definition, List<FieldFault> faults) {
        if (definition.has("key")) {
            faults.add(new FieldFault("/key", "'key' is generated, and shown once", "leave it out", "foreign"));
        }
        if (definition.has("sha256")) {
            faults.add(new FieldFault("/sha256", "API key: unknown key 'sha256'", "leave it out", "foreign"));
            definition.remove("sha256");
        }
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        definition.put("key", PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }

    private Map<String, Object> signingKey(ObjectNode definition, List<FieldFault> faults) {
        String scheme = definition.path("scheme").asText("v1");
        boolean given = definition.has("secret") || definition.has("privateKey");
        if (!scheme.equals("v1") && !scheme.equals("v1a")) {
            faults.add(new FieldFault("/scheme", "'scheme' is not known", "known: v1, v1a", "unknown-value"));
        }
        if (given && definition.has("scheme")) {
            faults.add(new FieldFault(
                    "/scheme",
                    "'scheme' cannot be combined with your own key, which defines it",
                    "leave one of them out",
                    "foreign"));
        }
        definition.remove("scheme");
        if (given) {
            return Map.of();
        }
        if (scheme.equals("v1a")) {
            definition.put(
                    "privateKey", Ed25519Key.generate(random).privateText().reveal());
            return Map.of();
        }
        String secret = HmacKey.generate(random).text().reveal();
        definition.put("secret", secret);
        return Map.of("secret", secret);
    }
}
