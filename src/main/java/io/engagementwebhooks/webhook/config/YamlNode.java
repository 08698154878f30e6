package io.engagementwebhooks.webhook.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/** A node of a YAML file, with a small footprint: a file may hold a hundred thousand webhooks. */
sealed interface YamlNode {

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

    /** A mapping, with duplicate keys. @param json what it was made of; null: it is from the file */
    record Entries(int line, List<Entry> entries, JsonNode json) implements YamlNode {
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
        @Override
        public String toString() {
            return "entry in line " + key.line();
        }
    }

    /** The entry of a mapping by its key; empty: it has none, or is no mapping. */
    static Optional<Entry> entry(YamlNode node, String key) {
        if (node instanceof Entries mapping) {
            for (Entry entry : mapping.entries()) {
                if (entry.key() instanceof Scalar name && name.value().equals(key)) {
                    return Optional.of(entry);
                }
            }
        }
        return Optional.empty();
    }
}
