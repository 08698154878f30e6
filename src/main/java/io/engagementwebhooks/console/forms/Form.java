package io.engagementwebhooks.console.forms;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Fields of a form, submitted or to be shown. Immutable.
 *
 * @param fields by name, all values in their order
 */
public record Form(Map<String, List<String>> fields) {

    /** The first value, trimmed; empty if there is none. */
    public String text(String name) {
        return raw(name).strip();
    }

    /** The first value as typed, with line breaks as one character; empty if there is none. */
    public String raw(String name) {
        List<String> values = fields.get(name);
        return values == null || values.isEmpty() ? "" : values.get(0).replace("\r\n", "\n");
    }

    public List<String> all(String name) {
        return fields.getOrDefault(name, List.of());
    }

    public boolean has(String name) {
        return fields.containsKey(name);
    }

    /** The same with another value for one field. */
    public Form with(String name, String... values) {
        Map<String, List<String>> more = new LinkedHashMap<>(fields);
        more.put(name, List.of(values));
        return new Form(more);
    }

    /** The same with one more value of a field. */
    public Form adding(String name, String value) {
        return with(name, Stream.concat(all(name).stream(), Stream.of(value)).toArray(String[]::new));
    }

    /** Leaves out the values, which may be secrets. */
    @Override
    public String toString() {
        return fields.keySet().toString();
    }

    /** Builds a form to be shown. Not thread-safe. */
    public static final class Filling {

        private final Map<String, List<String>> fields = new LinkedHashMap<>();

        /** @param value null: sets nothing */
        public Filling set(String name, Object value) {
            if (value != null) {
                fields.put(name, List.of(String.valueOf(value)));
            }
            return this;
        }

        public Filling add(String name, String value) {
            fields.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
            return this;
        }

        public Form done() {
            return new Form(fields);
        }
    }
}
