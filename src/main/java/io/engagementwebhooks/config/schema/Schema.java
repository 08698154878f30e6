package io.engagementwebhooks.config.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.ledger.BundledFile;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.schema.DataSchema;
import io.engagementwebhooks.webhook.schema.DataSchema.Misfit;
import io.engagementwebhooks.webhook.schema.SchemaRefusedException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The JSON schema of the configuration file, {@code docs/webhooks.schema.json}: the only source of the rules for
 * definitions, of the file and of the API. Compiled at first use. Thread-safe.
 */
public final class Schema {

    /** The definition of the whole file. */
    public static final String FILE = "";

    private static final String RESOURCE = "/io/engagementwebhooks/defaults/webhooks.schema.json";
    private static final String REFERENCE = "#/definitions/";
    private static final String PLACEHOLDER = "placeholder";
    private static final List<String> FOR_PEOPLE =
            List.of("$schema", "title", "description", "examples", "default", "propertyNames");

    /** The most faults of one definition. */
    private static final int FAULTS = 1_000;

    private static final JsonNode DOCUMENT = BundledFile.json(RESOURCE);
    private static final JsonNode CHECKED = forChecks(DOCUMENT.deepCopy());
    private static final Map<String, DataSchema> CHECKS = compiled();
    private static final Map<String, Rule> RULES = new ConcurrentHashMap<>();

    private Schema() {}

    private static Map<String, DataSchema> compiled() {
        try {
            return DataSchema.definitions(CHECKED, Formats.KEYWORDS);
        } catch (SchemaRefusedException e) {
            throw new IllegalStateException("the schema of the configuration is invalid", e);
        }
    }

    /** The document itself, as a copy. */
    public static JsonNode document() {
        return DOCUMENT.deepCopy();
    }

    /** A definition by its name, such as {@code webhook}. */
    static Rule rule(String definition) {
        return RULES.computeIfAbsent(definition, name -> new Rule(name.equals(FILE) ? DOCUMENT : definition(name)));
    }

    /** The rule of a resource. @param type of a connection; otherwise unused */
    public static Rule of(ResourceKind kind, String type) {
        return rule(definition(kind, type));
    }

    /** The name of a resource's definition. @param type of a connection; otherwise unused */
    public static String definition(ResourceKind kind, String type) {
        return switch (kind) {
            case WEBHOOK -> "webhook";
            case OAUTH_CLIENT -> "oauthClient";
            case CONNECTION -> type.equals("contentsquare") ? "contentsquareConnection" : "salesforceConnection";
            case API_KEY -> "apiKey";
            case SIGNING_KEY -> "signingKey";
            case EVENT_TYPE -> "eventTypeDefinition";
        };
    }

    /** What of the values does not fit a definition. */
    static List<Misfit> check(String definition, JsonNode values) {
        return CHECKS.get(definition).misfits(values, FAULTS);
    }

    /** Whether these are all misfits: the check was not ended by a limit. */
    static boolean areAll(List<Misfit> misfits) {
        return misfits.size() < FAULTS
                && misfits.stream().noneMatch(each -> each.keyword().equals("bound"));
    }

    /** The part of the schema at a JSON Pointer of a misfit. */
    static JsonNode at(String pointer) {
        return CHECKED.at(pointer);
    }

    /** What a part refers to, but for placeholders, which are replaced before. */
    static Optional<JsonNode> referred(JsonNode part) {
        String reference = part.path("$ref").asText();
        return reference.isEmpty() || reference.equals(REFERENCE + PLACEHOLDER)
                ? Optional.empty()
                : Optional.of(definition(reference.substring(REFERENCE.length())));
    }

    /** The mapping that has this key, if it is unique, since a key is often only indented wrongly. */
    static Optional<String> onlyHolderOf(String key) {
        List<String> holders = DOCUMENT.path("definitions").properties().stream()
                .filter(each -> each.getValue().has("additionalProperties"))
                .filter(each -> each.getValue().path("properties").has(key))
                .map(Map.Entry::getKey)
                .limit(2)
                .toList();
        return holders.size() == 1 ? Optional.of(holders.get(0)) : Optional.empty();
    }

    /** The keys that a definition refuses where a key has one of exactly these words, or where exactly these keys are set. */
    public static List<String> refusedWith(List<String> words, String definition) {
        return definition(definition)
                .path("allOf")
                .valueStream()
                .filter(rule -> Stream.of("enum", "required")
                        .flatMap(keyword -> rule.path("if").findValues(keyword).stream())
                        .anyMatch(choices -> Rule.texts(choices).equals(words)))
                .flatMap(rule -> rule.at("/then/properties").propertyStream())
                .map(Map.Entry::getKey)
                .toList();
    }

    private static JsonNode definition(String name) {
        return DOCUMENT.path("definitions").required(name);
    }

    /**
     * The schema without what it says to people and editors: placeholders are replaced before, names of headers and
     * parameters are checked by their readers, and of alternatives the value's kind chooses one, so that a fault names its
     * rule.
     */
    private static JsonNode forChecks(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.properties().stream()
                    .filter(member -> member.getKey().equals("properties"))
                    .forEach(member -> member.getValue().forEach(Schema::forChecks));
            object.remove(FOR_PEOPLE);
            object.properties().stream()
                    .filter(member -> !member.getKey().equals("properties"))
                    .forEach(member -> forChecks(member.getValue()));
            choose(object);
        } else {
            node.forEach(Schema::forChecks);
        }
        return node;
    }

    private static void choose(ObjectNode object) {
        if (!(object.path("anyOf") instanceof ArrayNode parts)) {
            return;
        }
        for (int i = parts.size() - 1; i >= 0; i--) {
            if (parts.path(i).path("$ref").asText().equals(REFERENCE + PLACEHOLDER)) {
                parts.remove(i);
            }
        }
        if (parts.size() == 1) {
            object.set("allOf", object.remove("anyOf"));
            return;
        }
        for (int i = 0; i < parts.size(); i++) {
            JsonNode type = referred(parts.path(i)).orElse(parts.path(i)).path("type");
            boolean isWord = parts.path(i).has("const");
            if (isWord
                    || type.isArray() && type.has(1) && type.path(0).asText().equals("array")
                    || type.asText().equals("array")
                    || type.asText().equals("object")) {
                object.set("if", isWord ? parts.path(i) : object.objectNode().set("type", type));
                object.set("then", parts.path(i));
                object.set("else", parts.path(1 - i));
                object.remove("anyOf");
                return;
            }
        }
    }
}
