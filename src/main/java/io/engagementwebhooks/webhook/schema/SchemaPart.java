package io.engagementwebhooks.webhook.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A part of a schema: a subschema, or the value of a keyword.
 *
 * @param pointer its place, as a JSON Pointer
 */
record SchemaPart(JsonNode json, String pointer) {

    /** A fault of this part. */
    SchemaRefusedException refused(String rule, String wayOut) {
        return new SchemaRefusedException(pointer, rule, wayOut);
    }

    boolean has(String name) {
        return json.has(name);
    }

    /** A member; its JSON is missing if there is none. */
    SchemaPart member(String name) {
        return new SchemaPart(
                json.path(name), pointer + "/" + name.replace("~", "~0").replace("/", "~1"));
    }

    /** The members by their names, of an object alone. */
    Map<String, SchemaPart> members() throws SchemaRefusedException {
        if (!json.isObject()) {
            throw refused("is no object", "write an object");
        }
        Map<String, SchemaPart> members = new LinkedHashMap<>();
        json.fieldNames().forEachRemaining(name -> members.put(name, member(name)));
        return members;
    }

    /** The items, of a list alone. */
    List<SchemaPart> items() throws SchemaRefusedException {
        if (!json.isArray()) {
            throw refused("is no list", "write a list");
        }
        List<SchemaPart> items = new ArrayList<>();
        json.forEach(item -> items.add(new SchemaPart(item, pointer + "/" + items.size())));
        return items;
    }

    /** The items of a list of texts. */
    List<String> texts() throws SchemaRefusedException {
        List<String> texts = new ArrayList<>();
        for (SchemaPart item : items()) {
            texts.add(new SchemaPart(item.json, pointer).text());
        }
        return texts;
    }

    String text() throws SchemaRefusedException {
        if (!json.isTextual()) {
            throw refused("is no text", "write a text");
        }
        return json.textValue();
    }

    boolean flag() throws SchemaRefusedException {
        if (!json.isBoolean()) {
            throw refused("is neither true nor false", "write true or false");
        }
        return json.booleanValue();
    }

    /** A whole number from 0; the largest int if it is larger. */
    int count() throws SchemaRefusedException {
        if (!json.isNumber()
                || !json.canConvertToExactIntegral()
                || json.decimalValue().signum() < 0) {
            throw refused("is no whole number from 0", "write such a number");
        }
        return json.canConvertToInt() ? json.intValue() : Integer.MAX_VALUE;
    }
}
