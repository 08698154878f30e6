package io.engagementwebhooks.config.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/**
 * What the {@link Schema} says about a value besides what it checks: its kind, default, hint, and whether it is secret. Said
 * by the value's own schema and those that it combines; the outermost wins. Thread-safe.
 */
public final class Rule {

    private static final Pattern DIGITS = Pattern.compile("\\d{1,18}");
    private static final Set<String> FLAGS = Set.of("true", "false");
    private static final Set<String> SINGLE = Set.of("string", "number", "integer", "boolean");

    private final List<JsonNode> parts = new ArrayList<>();
    private final Set<String> types = new LinkedHashSet<>();
    private final Map<String, Rule> inner = new ConcurrentHashMap<>();
    private final String defaultValue;
    private final boolean isJson;
    private final boolean isLiteral;

    Rule(JsonNode schema) {
        add(schema);
        JsonNode given = said("default");
        defaultValue = given.isValueNode() ? given.asText() : null;
        isJson = says("x-json");
        isLiteral = says("x-literal");
    }

    private void add(JsonNode part) {
        parts.add(part);
        JsonNode type = part.path("type");
        types.addAll(type.isArray() ? texts(type) : List.of(type.asText()));
        Schema.referred(part).ifPresent(this::add);
        part.path("allOf").forEach(this::add);
        part.path("anyOf").forEach(this::add);
    }

    static List<String> texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    /** What the outermost schema with this keyword says; a missing node if none has it. */
    JsonNode said(String keyword) {
        return parts.stream()
                .filter(part -> part.has(keyword))
                .findFirst()
                .map(part -> part.path(keyword))
                .orElse(JsonNodeFactory.instance.missingNode());
    }

    private boolean says(String keyword) {
        return parts.stream().anyMatch(part -> part.path(keyword).asBoolean());
    }

    /** The rule for the value of a key; empty: there is no such key. */
    public Optional<Rule> find(String key) {
        Rule known = inner.get(key);
        if (known != null) {
            return Optional.of(known);
        }
        Optional<JsonNode> schema = parts.stream()
                .map(part -> part.path("properties").path(key))
                .filter(JsonNode::isObject)
                .findFirst();
        if (schema.isPresent()) {
            return Optional.of(inner.computeIfAbsent(key, none -> new Rule(schema.get())));
        }
        return isFree() ? Optional.of(others()) : Optional.empty();
    }

    /** @throws IllegalStateException if there is no such key */
    Rule of(String key) {
        return find(key).orElseThrow(() -> new IllegalStateException("the schema has no '" + key + "' here"));
    }

    /** The known keys; empty if the user chooses them. */
    Set<String> keys() {
        Set<String> keys = new TreeSet<>();
        parts.forEach(part -> part.path("properties").fieldNames().forEachRemaining(keys::add));
        return keys;
    }

    private boolean isFree() {
        return said("additionalProperties").isObject();
    }

    private Rule others() {
        return inner.computeIfAbsent("", none -> new Rule(said("additionalProperties")));
    }

    /** The rule of a list's items. */
    public Rule items() {
        return inner.computeIfAbsent("[]", none -> new Rule(said("items")));
    }

    public boolean isList() {
        return types.contains("array");
    }

    public boolean isMapping() {
        return types.contains("object") && !isJson();
    }

    boolean isSingle() {
        return !said("enum").isMissingNode() || types.stream().anyMatch(SINGLE::contains);
    }

    boolean isNumber() {
        return types.contains("integer");
    }

    /** Whether it is an object of the user's own JSON, which the schema says no more about. */
    public boolean isJson() {
        return isJson;
    }

    /** Whether placeholders in it are not replaced. */
    boolean isLiteral() {
        return isLiteral;
    }

    /** Whether it is bytes, as Base64. */
    boolean isBinary() {
        return !said("contentEncoding").isMissingNode();
    }

    /** Whether it is never shown. */
    public boolean isSecret() {
        return says("x-secret");
    }

    /** Whether masking depends on its key, which the user chooses. */
    public boolean isSecretByName() {
        return said("x-secret").asText().equals("by-name");
    }

    /** Whether it is a URL, whose query may hold secrets. */
    public boolean isUrl() {
        return format().equals("url");
    }

    String format() {
        return said("x-format").asText();
    }

    /** The expected value, for the remedy of a fault. */
    String hint() {
        return said("x-hint").asText(said("description").asText());
    }

    /** The default value, or null. */
    String defaultValue() {
        return defaultValue;
    }

    /** The default items. */
    List<String> defaultItems() {
        return texts(said("default"));
    }

    /** A text of the file or of a variable, as the JSON that it stands for. */
    JsonNode typed(String text) {
        if (!types.contains("string")) {
            if (isNumber() && DIGITS.matcher(text).matches()) {
                return JsonNodeFactory.instance.numberNode(Long.parseLong(text));
            }
            if (types.contains("boolean") && FLAGS.contains(text)) {
                return BooleanNode.valueOf(text.equals("true"));
            }
        }
        return JsonNodeFactory.instance.textNode(format().equals("duration") ? text.strip() : text);
    }
}
