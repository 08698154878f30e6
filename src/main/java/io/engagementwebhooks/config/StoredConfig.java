package io.engagementwebhooks.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.config.schema.Placeholders;
import io.engagementwebhooks.event.Sha256;
import io.engagementwebhooks.webhook.auth.Secret;
import java.io.IOException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A valid file with the values of its placeholders, so that it can be parsed again without them.
 *
 * @param readAt when it was parsed
 * @param file its bytes
 * @param values the values of its placeholders
 */
record StoredConfig(Instant readAt, byte[] file, Map<String, Secret> values) {

    private static final JsonMapper JSON = new JsonMapper();

    StoredConfig {
        values = Map.copyOf(values);
    }

    byte[] toBytes() {
        ObjectNode kept = JSON.createObjectNode();
        kept.put("readAt", readAt.toString()).put("file", file);
        ObjectNode written = kept.putObject("values");
        values.forEach((name, value) -> written.put(name, value.reveal()));
        try {
            return JSON.writeValueAsBytes(kept);
        } catch (IOException e) {
            throw new IllegalStateException("a tree is always written", e);
        }
    }

    static StoredConfig of(byte[] bytes) throws IOException {
        JsonNode kept = JSON.readTree(bytes);
        Map<String, Secret> values = new HashMap<>();
        kept.path("values")
                .properties()
                .forEach(value ->
                        values.put(value.getKey(), Secret.of(value.getValue().textValue())));
        if (!kept.path("readAt").isTextual() || !kept.path("file").isTextual()) {
            throw new IOException("it was written by another version");
        }
        return new StoredConfig(
                Instant.parse(kept.path("readAt").textValue()),
                kept.path("file").binaryValue(),
                values);
    }

    /** A hash of the content, without the time; encrypted like the content. */
    String fingerprint() {
        MessageDigest all = Sha256.inParts();
        all.update(file);
        new TreeMap<>(values).forEach((name, value) -> {
            all.update(Sha256.of(name));
            all.update(Sha256.of(value.reveal()));
        });
        return HexFormat.of().formatHex(all.digest());
    }

    Placeholders placeholders() {
        return name -> Optional.ofNullable(values.get(name)).map(Secret::reveal);
    }

    @Override
    public String toString() {
        return "configuration of " + readAt;
    }
}
