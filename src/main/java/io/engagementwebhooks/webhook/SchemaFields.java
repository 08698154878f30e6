package io.engagementwebhooks.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.webhook.EventCatalog.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/** The fields that a JSON Schema gives an event's data: its properties, with those of objects in them. */
final class SchemaFields {

    private static final int MOST = 200;
    private static final int DEEPEST = 6;

    /** How many values of an {@code enum} are listed. */
    private static final int MOST_VALUES = 50;

    /** Names that a dotted path and a jq program can hold. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,63}");

    private static final Set<String> TYPES = Set.of("string", "number", "integer", "boolean", "array", "object");
    private static final Set<String> WITH_PARTS = Set.of("array", "object");
    private static final String REFERENCE = "$ref";

    private final JsonNode root;
    private final List<Field> fields = new ArrayList<>();

    private SchemaFields(JsonNode root) {
        this.root = root;
    }

    static List<Field> of(JsonNode schema) {
        SchemaFields found = new SchemaFields(schema);
        found.add("", found.resolved(schema), 0);
        return found.fields;
    }

    private void add(String prefix, JsonNode schema, int level) {
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
            if (fields.size() >= MOST || !NAME.matcher(property.getKey()).matches()) {
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
        String title = given.path("title").asText(rule.path("title").asText(""));
        String description =
                given.path("description").asText(rule.path("description").asText(title));
        return new Field(
                name,
                type,
                items,
                rule.path("format").asText().equals("date-time"),
                StreamSupport.stream(rule.path("enum").spliterator(), false)
                        .filter(value -> value.isValueNode() && !value.isNull())
                        .limit(MOST_VALUES)
                        .map(JsonNode::asText)
                        .toList(),
                isOffered ? title.isBlank() ? name : title : null,
                description);
    }

    /** What a rule refers to within its schema, or the rule itself. */
    private JsonNode resolved(JsonNode rule) {
        JsonNode found = rule;
        for (int i = 0; i < DEEPEST && found.path(REFERENCE).asText().startsWith("#/"); i++) {
            found = root.at(found.path(REFERENCE).asText().substring(1));
        }
        return found;
    }

    /** The first that is not null, where there are several. */
    private static String type(JsonNode rule) {
        JsonNode type = rule.path("type");
        for (JsonNode each : type) {
            if (TYPES.contains(each.asText())) {
                return each.asText();
            }
        }
        return TYPES.contains(type.asText()) ? type.asText() : "any";
    }
}
