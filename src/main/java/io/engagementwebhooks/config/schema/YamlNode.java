package io.engagementwebhooks.config.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A node of a YAML file, with a small footprint: a file may hold a hundred thousand webhooks. */
public sealed interface YamlNode {

    /** The line of its start, from 1. */
    int line();

    /** Its kind, in the user's words. */
    String kind();

    /** A single value. */
    record Scalar(int line, String value, Form form) implements YamlNode {

        /** How a value was written. */
        enum Form {
            /** A plain value. */
            VALUE,
            /** A number, true or false without quotes, where any JSON may stand. */
            PLAIN,
            /** No value: empty, {@code null} or {@code ~}. */
            NOTHING,
            /** A value with a custom tag, such as {@code !this}. */
            TAGGED
        }

        @Override
        public String kind() {
            return form == Form.NOTHING ? "nothing" : "a single value";
        }

        @Override
        public String toString() {
            return kind() + " in line " + line;
        }
    }

    /** A list. */
    record Sequence(int line, List<YamlNode> items) implements YamlNode {
        @Override
        public String kind() {
            return "a list";
        }

        @Override
        public String toString() {
            return kind() + " in line " + line;
        }
    }

    /** A mapping, with duplicate keys. Not thread-safe. */
    final class Entries implements YamlNode {

        /** So few are looked through, since an index of each would take memory. */
        private static final int FEW = 16;

        private final int line;
        private final List<Entry> entries;
        private final JsonNode json;
        private Map<String, Entry> byName;

        /** @param json what it was made of; null: it is from the file */
        Entries(int line, List<Entry> entries, JsonNode json) {
            this.line = line;
            this.entries = entries;
            this.json = json;
        }

        @Override
        public int line() {
            return line;
        }

        List<Entry> entries() {
            return entries;
        }

        JsonNode json() {
            return json;
        }

        private Optional<Entry> entry(String key) {
            if (entries.size() <= FEW) {
                return entries.stream().filter(entry -> entry.isOf(key)).findFirst();
            }
            if (byName == null) {
                byName = new HashMap<>();
                entries.forEach(entry -> {
                    if (entry.key() instanceof Scalar name) {
                        byName.putIfAbsent(name.value(), entry);
                    }
                });
            }
            return Optional.ofNullable(byName.get(key));
        }

        @Override
        public String kind() {
            return "a mapping";
        }

        @Override
        public String toString() {
            return kind() + " in line " + line;
        }
    }

    /** A key with its value. */
    record Entry(YamlNode key, YamlNode value) {

        private boolean isOf(String name) {
            return key instanceof Scalar scalar && scalar.value().equals(name);
        }

        @Override
        public String toString() {
            return "entry in line " + key.line();
        }
    }

    /** The entry of a mapping by its key; empty: it has none, or is no mapping. */
    static Optional<Entry> entry(YamlNode node, String key) {
        return node instanceof Entries mapping ? mapping.entry(key) : Optional.empty();
    }
}
