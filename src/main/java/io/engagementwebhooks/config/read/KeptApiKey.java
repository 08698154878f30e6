package io.engagementwebhooks.config.read;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.webhook.ApiKey;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/** The stored form of an API key's definition, which has a hash instead of the key, and the time of its end. */
public final class KeptApiKey {

    /** Members that are not shown. */
    public static final List<String> INNER = List.of("sha256", "ends");

    private KeptApiKey() {}

    public static ApiKey read(JsonNode kept) {
        JsonNode until = kept.path(kept.has("ends") ? "ends" : "until");
        return new ApiKey(
                kept.path("name").asText(),
                ApiKey.Role.valueOf(kept.path("role").asText().toUpperCase(Locale.ROOT)),
                HexFormat.of().parseHex(kept.path("sha256").asText()),
                until.isTextual() ? Instant.parse(until.asText()) : null);
    }

    /** @param definition as given */
    public static ObjectNode of(ObjectNode definition, ApiKey key) {
        ObjectNode kept = definition.deepCopy();
        kept.remove("key");
        kept.remove("ends");
        kept.put("role", key.role().name().toLowerCase(Locale.ROOT));
        kept.put("sha256", HexFormat.of().formatHex(key.sha256()));
        if (key.until() != null) {
            kept.put("ends", key.until().toString());
        }
        return kept;
    }
}
