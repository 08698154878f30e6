package io.engagementwebhooks.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.webhook.EventCatalog.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The fields that a JSON Schema gives an event's data: its properties, with those of objects in them. */
final class SchemaFields {

    private static final int MOST = 200;
    private static final int DEEPEST = 6;

    /** Names that a dotted path and a jq program can hold. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,63}");

    private static final Set<String> TYPES = Set.of("string", "number", "integer", "boolean", "array", "object");

    private final List<Field> fields = new ArrayList<>();

    private SchemaFields() {}

    static List<Field> of(JsonNode schema) {
        SchemaFields found = new SchemaFields();
        found.add("", schema, 0);
        return found.fields;
    }

    private void add(String prefix, JsonNode schema, int level) {
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
            if (fields.size() >= MOST || !NAME.matcher(property.getKey()).matches()) {
                continue;
            }
            String name = prefix + property.getKey();
            JsonNode rule = property.getValue();
            if (rule.path("properties").size() > 0 && level < DEEPEST) {
                add(name + ".", rule, level + 1);
                continue;
            }
            String type = type(rule.path("type"));
            boolean isSingle = !type.equals("object") && !type.equals("array");
            fields.add(new Field(
                    name,
                    type,
                    type.equals("array") ? type(rule.path("items").path("type")) : null,
                    isSingle ? rule.path("title").asText(name) : null,
                    rule.path("description").asText(rule.path("title").asText(""))));
        }
    }

    /** The first that is not null, where there are several. */
    private static String type(JsonNode type) {
        for (JsonNode each : type) {
            if (TYPES.contains(each.asText())) {
                return each.asText();
            }
        }
        return TYPES.contains(type.asText()) ? type.asText() : "any";
    }
}
