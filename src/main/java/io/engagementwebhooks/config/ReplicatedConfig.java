package io.engagementwebhooks.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The stored active configuration of all instances.
 *
 * @param config the file and the values of its placeholders
 * @param generation its number; 0: stored by an instance that does not share
 * @param known the last generation of each recently active content, by fingerprint
 */
record ReplicatedConfig(StoredConfig config, long generation, Map<String, Long> known) {

    /** Enough for all files that an instance could still have. */
    private static final int MOST_KNOWN = 200;

    private static final JsonMapper JSON = new JsonMapper();

    /** The last generation of a content; empty if it was never active. */
    Optional<Long> generationOf(StoredConfig content) {
        return Optional.ofNullable(known.get(content.fingerprint()));
    }

    /** The next active configuration. @param before the active one before, or null */
    static ReplicatedConfig after(ReplicatedConfig before, StoredConfig next, long generation) {
        Map<String, Long> known = new LinkedHashMap<>(before == null ? Map.of() : before.known);
        known.remove(next.fingerprint());
        while (known.size() >= MOST_KNOWN) {
            known.remove(known.keySet().iterator().next());
        }
        known.put(next.fingerprint(), generation);
        return new ReplicatedConfig(next, generation, known);
    }

    byte[] toBytes() throws IOException {
        ObjectNode kept = (ObjectNode) JSON.readTree(config.toBytes());
        kept.put("generation", generation);
        ObjectNode written = kept.putObject("known");
        known.forEach(written::put);
        return JSON.writeValueAsBytes(kept);
    }

    static ReplicatedConfig of(byte[] bytes) throws IOException {
        JsonNode kept = JSON.readTree(bytes);
        Map<String, Long> known = new LinkedHashMap<>();
        kept.path("known")
                .properties()
                .forEach(each -> known.put(each.getKey(), each.getValue().asLong()));
        return new ReplicatedConfig(
                StoredConfig.of(bytes), kept.path("generation").asLong(), known);
    }
}
