package io.engagementwebhooks.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The schemas of an OpenAPI document, closed for responses: clients ignore undescribed members, and the document must
 * not.
 */
final class StrictSchemas {

    /** Suffix of a schema that other schemas extend. */
    private static final String OPEN = "-open";

    private final JsonSchemaFactory factory = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);
    private final JsonNode components;
    private final ObjectNode closed;

    StrictSchemas(JsonNode document) {
        components = document.get("components");
        closed = components.deepCopy();
        ObjectNode schemas = closed.putObject("schemas");
        components.get("schemas").properties().forEach(schema -> {
            schemas.set(schema.getKey(), closed(schema.getValue()));
            schemas.set(schema.getKey() + OPEN, open(schema.getValue()));
        });
    }

    JsonSchema ofRequest(JsonNode schema) {
        return whole(schema, components);
    }

    JsonSchema ofAnswer(JsonNode schema) {
        return whole(closed(schema), closed);
    }

    private JsonSchema whole(JsonNode schema, JsonNode those) {
        ObjectNode whole = schema.deepCopy();
        whole.set("components", those);
        return factory.getSchema(whole);
    }

    private static JsonNode closed(JsonNode schema) {
        JsonNode same = open(schema);
        boolean describes = schema.has("properties") || schema.has("allOf");
        if (describes && !schema.has("additionalProperties")) {
            ((ObjectNode) same).put("unevaluatedProperties", false);
        }
        return same;
    }

    /** Open itself, with closed schemas inside. */
    private static JsonNode open(JsonNode schema) {
        if (!schema.isObject()) {
            return schema;
        }
        ObjectNode same = schema.deepCopy();
        schema.path("properties").properties().forEach(property -> same.withObject("/properties")
                .set(property.getKey(), closed(property.getValue())));
        for (String inner : List.of("items", "additionalProperties")) {
            if (schema.has(inner)) {
                same.set(inner, closed(schema.get(inner)));
            }
        }
        for (String one : List.of("anyOf", "oneOf")) {
            replaceEach(same, one, StrictSchemas::closed);
        }
        replaceEach(
                same,
                "allOf",
                part -> part.has("$ref")
                        ? part.<ObjectNode>deepCopy()
                                .put("$ref", part.get("$ref").asText() + OPEN)
                        : open(part));
        return same;
    }

    private static void replaceEach(ObjectNode schema, String list, UnaryOperator<JsonNode> by) {
        if (schema.get(list) instanceof ArrayNode parts) {
            for (int i = 0; i < parts.size(); i++) {
                parts.set(i, by.apply(parts.get(i)));
            }
        }
    }
}
