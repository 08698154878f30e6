package io.engagementwebhooks.config.read;

import io.engagementwebhooks.config.schema.Mapping;
import io.engagementwebhooks.webhook.Batch;
import io.engagementwebhooks.webhook.template.FieldValue;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Reads the common settings of third parties. */
final class ThirdPartyReader {

    private static final String WAY_OUT = "a text with {macros}, or {jq: \"a program\"}";

    private ThirdPartyReader() {}

    /** The limits of a connection's batches. */
    static Batch batch(Mapping connection) {
        return new Batch(connection.whole("batchSize"), connection.duration("batchWait"));
    }

    /** A mapping of fields; empty: the default mapping. */
    static Map<String, FieldValue> fields(Mapping item) {
        Map<String, FieldValue> fields = new LinkedHashMap<>();
        item.mapping("fields").ifPresent(entries -> entries.present()
                .forEach(name -> value(entries, name).ifPresent(value -> fields.put(name, value))));
        return fields;
    }

    /** A text with macros, a program, or either with a table; empty: it has a fault. */
    static Optional<FieldValue> value(Mapping item, String key) {
        Optional<Mapping> composed = item.mapping(key);
        return composed.isPresent()
                ? composed(composed.get())
                : item.compiled(key, item.reading().compiled()::text, WAY_OUT).map(FieldValue.Text::new);
    }

    private static Optional<FieldValue> composed(Mapping item) {
        Optional<FieldValue> value = item.has("jq")
                ? item.compiled("jq", item.reading().compiled()::jq, WAY_OUT).map(FieldValue.Program::new)
                : value(item, "value");
        return item.mapping("map")
                .map(entries -> value.<FieldValue>map(
                        looked -> new FieldValue.Mapped(looked, entries.texts(), item.find("otherwise"))))
                .orElse(value);
    }
}
