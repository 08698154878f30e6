package io.engagementwebhooks.console.pages;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The fields of a form as they were sent, or as they are shown. Immutable.
 *
 * @param fields by name, all values in their order
 */
record Form(Map<String, List<String>> fields) {

    /** The first value, without what stands around it; empty where there is none. */
    String text(String name) {
        return raw(name).strip();
    }

    /** The first value as it was typed, with line ends as one character; empty where there is none. */
    String raw(String name) {
        List<String> values = fields.get(name);
        return values == null || values.isEmpty() ? "" : values.get(0).replace("\r\n", "\n");
    }

    List<String> all(String name) {
        return fields.getOrDefault(name, List.of());
    }

    boolean has(String name) {
        return fields.containsKey(name);
    }

    /** The same with one field set anew. */
    Form with(String name, String... values) {
        Map<String, List<String>> more = new LinkedHashMap<>(fields);
        more.put(name, List.of(values));
        return new Form(more);
    }

    /** Without what was typed, since that may be a secret. */
    @Override
    public String toString() {
        return fields.keySet().toString();
    }

    /** Collects fields for a form that is shown. Not thread-safe. */
    static final class Filling {

        private final Map<String, List<String>> fields = new LinkedHashMap<>();

        /** @param value null: nothing is set */
        Filling set(String name, Object value) {
            if (value != null) {
                fields.put(name, List.of(String.valueOf(value)));
            }
            return this;
        }

        Filling add(String name, String value) {
            fields.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
            return this;
        }

        Form done() {
            return new Form(fields);
        }
    }
}
