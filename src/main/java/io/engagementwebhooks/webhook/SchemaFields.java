package io.engagementwebhooks.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.webhook.EventCatalog.Field;
import io.engagementwebhooks.webhook.schema.DataSchema;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/** The fields that a JSON Schema gives an event's data: its properties, with those of objects in them. */
final class SchemaFields {

    private static final int MOST = 200;
    private static final int DEEPEST = 6;

    /** The most properties that are read: by references, a small schema has any number of them. */
    private static final int MOST_READ = 1_000;

    /** The longest texts; by references, one text may belong to all fields. */
    private static final int MOST_OF_TITLE = 100;

    private static final int MOST_OF_DESCRIPTION = 300;
    private static final int MOST_OF_VALUE = 100;

    /** How many values of an {@code enum} are listed. */
    private static final int MOST_VALUES = 50;

    /** Names that a dotted path and a jq program can hold. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,63}");

    private static final Set<String> TYPES = Set.of("string", "number", "integer", "boolean", "array", "object");
    private static final Set<String> WITH_PARTS = Set.of("array", "object");
    private static final String REFERENCE = "$ref";

    private final JsonNode root;
    private final DataSchema compiled;
    private final List<Field> fields = new ArrayList<>();
    private int read;

    private SchemaFields(EventType type) {
        root = type.schema();
        compiled = type.compiled();
    }

    static List<Field> of(EventType type) {
        SchemaFields found = new SchemaFields(type);
        found.add("", found.resolved(type.schema()), 0);
        return found.fields;
    }

    private void add(String prefix, JsonNode schema, int level) {
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
            if (fields.size() >= MOST || read++ >= MOST_READ) {
                return;
            }
            if (!NAME.matcher(property.getKey()).matches()) {
                continue;
            }
            String name = prefix + property.getKey();
            JsonNode rule = resolved(property.getValue());
            if (rule.path("properties").size() > 0 && level < DEEPEST) {
                add(name + ".", rule, level + 1);
                continue;
            }
            fields.add(field(name, property.getValue(), rule));
        }
    }

    /**
     * @param given the rule as it stands at the property
     * @param rule the one that it refers to, or itself
     */
    private Field field(String name, JsonNode given, JsonNode rule) {
        String type = type(rule);
        String items = type.equals("array") ? type(resolved(rule.path("items"))) : null;
        boolean isOffered = !WITH_PARTS.contains(items == null ? type : items);
        String title = text("title", MOST_OF_TITLE, given, rule);
        String description = text("description", MOST_OF_DESCRIPTION, given, rule);
        return new Field(
                name,
                type,
                items,
                rule.path("format").asText().equals("date-time"),
                StreamSupport.stream(rule.path("enum").spliterator(), false)
                        .limit(MOST_READ)
                        .filter(value -> value.isValueNode() && !value.isNull())
                        .limit(MOST_VALUES)
                        .map(JsonNode::asText)
                        .filter(value -> value.length() <= MOST_OF_VALUE)
                        .toList(),
                isOffered ? title.isBlank() ? name : title : null,
                description.isEmpty() ? title : description);
    }

    private static String text(String keyword, int most, JsonNode given, JsonNode rule) {
        String text = given.path(keyword).asText(rule.path(keyword).asText(""));
        return text.length() <= most ? text : text.substring(0, most - 1) + "…";
    }

    /** What a rule refers to within its schema, or the rule itself. A reference to the whole schema is not followed. */
    private JsonNode resolved(JsonNode rule) {
        JsonNode found = rule;
        for (int i = 0; i < DEEPEST && found.has(REFERENCE); i++) {
            JsonNode target = compiled.target(found.path(REFERENCE).asText());
            if (target == null || target == root) {
                break;
            }
            found = target;
        }
        return found;
    }

    /** The only type beside null; {@code any} if there are several or none. */
    private static String type(JsonNode rule) {
        JsonNode type = rule.path("type");
        Set<String> types = new LinkedHashSet<>();
        (type.isArray() ? type : List.of(type)).forEach(each -> types.add(each.asText()));
        types.remove("null");
        if (type.isMissingNode() && hasOnlyTexts(rule.path("enum"))) {
            return "string";
        }
        String only = types.size() == 1 ? types.iterator().next() : "any";
        return TYPES.contains(only) ? only : "any";
    }

    private static boolean hasOnlyTexts(JsonNode values) {
        return values.size() > 0
                && StreamSupport.stream(values.spliterator(), false)
                        .limit(MOST_VALUES)
                        .allMatch(JsonNode::isTextual);
    }
}
