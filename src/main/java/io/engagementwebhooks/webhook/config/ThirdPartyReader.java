package io.engagementwebhooks.webhook.config;

import io.engagementwebhooks.webhook.FieldValue;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads what the third parties have in common. */
final class ThirdPartyReader {

    private static final Pattern PATH = Pattern.compile("\\w+(\\.\\w+)*");

    private ThirdPartyReader() {}

    /** Fields of the user's choice; a given but empty mapping is a fault, for absence means the default mapping. */
    static Map<String, FieldValue> fields(Mapping item) {
        Map<String, FieldValue> fields = new LinkedHashMap<>();
        item.names("fields").ifPresent(entries -> {
            for (String name : entries.keys()) {
                entries.node(name)
                        .flatMap(node -> value(entries, name, node))
                        .ifPresent(value -> fields.put(name, value));
            }
            if (!entries.keys().iterator().hasNext()) {
                item.fault("fields", "'fields' is empty", "leave it out for the default mapping");
            }
        });
        return fields;
    }

    /** A text with macros, a program, or either with a table. */
    static Optional<FieldValue> value(Mapping item, String key, YamlNode node) {
        if (node instanceof YamlNode.Entries) {
            return Mapping.open(node, Part.FIELD_PROGRAM, item.resource(), item.reading())
                    .flatMap(ThirdPartyReader::composed);
        }
        return text(item, key);
    }

    private static Optional<FieldValue> composed(Mapping item) {
        if (item.has("jq") == item.has("value")) {
            item.fault(
                    "jq",
                    "a field's mapping needs one of 'jq' and 'value'",
                    "{jq: \"a program\"}, or {value: \"{outcome}\", map: {missed: No Answer}}");
            return Optional.empty();
        }
        Optional<FieldValue> value = item.has("jq") ? program(item) : text(item, "value");
        if (!item.has("map")) {
            if (item.has("value") || item.has("otherwise")) {
                item.need("map", "our words to theirs: {missed: No Answer}");
            }
            return value;
        }
        Map<String, String> map = new LinkedHashMap<>();
        item.names("map").ifPresent(entries -> {
            for (String word : entries.keys()) {
                entries.literal(word).ifPresent(theirs -> map.put(word, theirs));
            }
        });
        Optional<String> otherwise = item.literal("otherwise");
        return value.map(looked -> new FieldValue.Mapped(looked, map, otherwise));
    }

    private static Optional<FieldValue> program(Mapping item) {
        return item.need("jq", "a jq program")
                .flatMap(given -> item.literal("jq"))
                .flatMap(text -> {
                    try {
                        return Optional.of(
                                new FieldValue.Program(item.reading().compiled().jq(text)));
                    } catch (IllegalArgumentException e) {
                        item.fault("jq", "'jq': " + e.getMessage(), "a text with {macros}, or {jq: \"a program\"}");
                        return Optional.empty();
                    }
                });
    }

    private static Optional<FieldValue> text(Mapping item, String key) {
        return item.literal(key).flatMap(text -> {
            try {
                return Optional.of(new FieldValue.Text(item.reading().compiled().text(text)));
            } catch (IllegalArgumentException e) {
                item.fault(key, "'" + key + "': " + e.getMessage(), "a text with {macros}, or {jq: \"a program\"}");
                return Optional.empty();
            }
        });
    }

    /** A dotted path from the event. */
    static Optional<String> path(Mapping item, String key, String what) {
        Optional<String> path = item.need(key, what);
        if (path.isPresent() && !PATH.matcher(path.get()).matches()) {
            item.fault(key, "'" + key + "' is no path", what);
            return Optional.empty();
        }
        return path;
    }
}
