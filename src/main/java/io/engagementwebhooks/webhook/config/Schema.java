package io.engagementwebhooks.webhook.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.ledger.BundledFile;
import io.engagementwebhooks.webhook.ResourceKind;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.StreamSupport;

/**
 * The JSON schema of the configuration file, {@code docs/webhooks.schema.json}: the only source of the rules for
 * mappings. Parsed at first use; each definition is compiled on demand. Thread-safe.
 */
public final class Schema {

    private static final String FILE = "/io/engagementwebhooks/defaults/webhooks.schema.json";
    private static final String REFERENCE = "#/definitions/";

    /** The supported keywords; an unsupported one would be a check that is never made. */
    private static final Set<String> KEYWORDS = Set.of(
            "$ref",
            "$schema",
            "additionalProperties",
            "allOf",
            "anyOf",
            "const",
            "contentEncoding",
            "default",
            "definitions",
            "description",
            "else",
            "enum",
            "examples",
            "if",
            "items",
            "maxItems",
            "maxLength",
            "maximum",
            "minItems",
            "minProperties",
            "minimum",
            "not",
            "pattern",
            "properties",
            "propertyNames",
            "required",
            "then",
            "title",
            "type",
            "x-fault",
            "x-format",
            "x-hint",
            "x-json",
            "x-least",
            "x-literal",
            "x-most",
            "x-secret");

    private final JsonNode document;
    private final Map<String, Shape> shapes = new ConcurrentHashMap<>();

    private Schema(JsonNode document) {
        this.document = document;
    }

    private static final class Loaded {
        static final Schema SCHEMA = new Schema(BundledFile.json(FILE));
    }

    /** The document itself, as a copy. */
    public static JsonNode document() {
        return Loaded.SCHEMA.document.deepCopy();
    }

    /** The shape of the whole file. */
    static Shape file() {
        return Loaded.SCHEMA.compiled("file");
    }

    /** The shape of a mapping by the name of its definition, such as {@code webhook}. */
    static Shape shape(String definition) {
        return Loaded.SCHEMA.compiled(definition);
    }

    /** The shape of a resource. @param type of a connection; otherwise unused */
    public static Shape of(ResourceKind kind, String type) {
        return shape(
                switch (kind) {
                    case WEBHOOK -> "webhook";
                    case OAUTH_CLIENT -> "oauthClient";
                    case CONNECTION ->
                        type.equals("contentsquare") ? "contentsquareConnection" : "salesforceConnection";
                    case API_KEY -> "apiKey";
                    case SIGNING_KEY -> "signingKey";
                    case EVENT_TYPE -> "eventTypeDefinition";
                });
    }

    /** The mapping that has this key, if it is unique, since a key is often only indented wrongly. */
    static Optional<String> onlyHolderOf(String key) {
        List<String> holders = Loaded.SCHEMA.document.path("definitions").properties().stream()
                .filter(each -> each.getValue().has("additionalProperties"))
                .filter(each -> each.getValue().path("properties").has(key))
                .map(Map.Entry::getKey)
                .limit(2)
                .toList();
        return holders.size() == 1 ? Optional.of(holders.get(0)) : Optional.empty();
    }

    private Shape compiled(String name) {
        Shape known = shapes.get(name);
        if (known == null) {
            known = new Shape(name, name.equals("file") ? document : definition(name), this);
            shapes.put(name, known);
        }
        return known;
    }

    private JsonNode definition(String name) {
        JsonNode definition = document.path("definitions").path(name);
        if (definition.isMissingNode()) {
            throw new IllegalStateException("the schema has no definition '" + name + "'");
        }
        return definition;
    }

    /** The name of the definition that a node refers to. */
    String referred(JsonNode node) {
        return node.path("$ref").asText().substring(REFERENCE.length());
    }

    JsonNode definitionOf(JsonNode node) {
        return definition(referred(node));
    }

    /** @throws IllegalStateException if a rule has an unsupported keyword */
    static JsonNode checked(JsonNode rule) {
        rule.fieldNames().forEachRemaining(keyword -> {
            if (!KEYWORDS.contains(keyword)) {
                throw new IllegalStateException("the schema's keyword '" + keyword + "' is not understood");
            }
        });
        return rule;
    }

    static List<String> texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }
}
