package io.engagementwebhooks.webhook.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The rules of a mapping, by its definition in the {@link Schema}. Thread-safe. */
public final class Shape {

    private final String name;
    private final Map<String, ValueRule> properties = new LinkedHashMap<>();
    private final Set<String> keys;
    private final ValueRule others;
    private final int least;
    private final Optional<String> hint;
    private final KeyRules keyRules;

    /** @param name its name in faults */
    Shape(String name, JsonNode definition, Schema schema) {
        Schema.checked(definition);
        this.name = name;
        definition
                .path("properties")
                .properties()
                .forEach(each -> properties.put(each.getKey(), new ValueRule(each.getValue(), schema)));
        this.keys = Collections.unmodifiableSet(new TreeSet<>(properties.keySet()));
        JsonNode free = definition.path("additionalProperties");
        this.others = free.isObject() ? new ValueRule(free, schema) : null;
        this.least = definition.path("minProperties").asInt(0);
        this.hint = Optional.ofNullable(definition.path("x-hint").textValue());
        this.keyRules = KeyRules.of(definition, this);
    }

    String name() {
        return name;
    }

    /** The known keys; empty if the user chooses them. */
    Set<String> keys() {
        return keys;
    }

    /** Whether the user chooses the keys. */
    boolean isFree() {
        return others != null;
    }

    boolean knows(String key) {
        return isFree() || properties.containsKey(key);
    }

    /** @throws IllegalStateException if it knows no such key */
    ValueRule rule(String key) {
        ValueRule rule = properties.getOrDefault(key, others);
        if (rule == null) {
            throw new IllegalStateException("the reader asks for '" + key + "', which '" + name + "' does not have");
        }
        return rule;
    }

    /** The rule for the value of a key; empty: it knows no such key. */
    public Optional<ValueRule> find(String key) {
        return Optional.ofNullable(properties.getOrDefault(key, others));
    }

    /** The least number of keys. */
    int least() {
        return least;
    }

    Optional<String> hint() {
        return hint;
    }

    /** Required and forbidden keys. */
    KeyRules keyRules() {
        return keyRules;
    }
}
