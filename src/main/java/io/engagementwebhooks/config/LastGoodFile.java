package io.engagementwebhooks.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.engagementwebhooks.config.schema.Placeholders;
import io.engagementwebhooks.webhook.auth.Secret;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The last good configuration file in a store of an older version.
 *
 * @param file its bytes
 * @param values the values of its placeholders
 * @param fingerprints of the files that were active, this one last
 */
public record LastGoodFile(byte[] file, Map<String, Secret> values, List<String> fingerprints) {

    /** The store's setting, encrypted. */
    public static final String SETTING = "last-good-config";

    private static final JsonMapper JSON = new JsonMapper();

    public static LastGoodFile of(byte[] stored) {
        try {
            JsonNode kept = JSON.readTree(stored);
            byte[] file = kept.path("file").binaryValue();
            Map<String, Secret> values = new HashMap<>();
            kept.path("values")
                    .properties()
                    .forEach(value -> values.put(
                            value.getKey(), Secret.of(value.getValue().textValue())));
            List<String> fingerprints = new ArrayList<>();
            kept.path("known").fieldNames().forEachRemaining(fingerprints::add);
            String last = AppliedFiles.fingerprint(file, values);
            fingerprints.remove(last);
            fingerprints.add(last);
            return new LastGoodFile(file, values, fingerprints);
        } catch (IOException e) {
            throw new IllegalStateException("the last good configuration in the store is damaged", e);
        }
    }

    public String fingerprint() {
        return fingerprints.get(fingerprints.size() - 1);
    }

    public Placeholders placeholders() {
        return name -> Optional.ofNullable(values.get(name)).map(Secret::reveal);
    }
}
