package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import io.engagementwebhooks.event.EventJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An object's fields, as the org describes them to the connection's user. API names are case-insensitive.
 *
 * @param object API name
 * @param createable whether the user may create records
 * @param updateable whether the user may update records
 * @param byName the fields visible to the user
 * @see <a
 *     href="https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_sobject_describe.htm">sObject
 *     Describe</a>
 */
record ObjectFields(String object, boolean createable, boolean updateable, Map<String, Field> byName) {

    /** Reads one field out of the array, so trailing tokens are allowed. */
    private static final ObjectReader FIELD =
            EventJson.mapper().readerFor(JsonNode.class).without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    ObjectFields {
        Map<String, Field> copy = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        copy.putAll(byName);
        byName = Collections.unmodifiableMap(copy);
    }

    /**
     * One field.
     *
     * @param name API name
     * @param type Salesforce's type name, such as {@code string}, {@code picklist}, {@code int}
     * @param length the most characters of a text; 0: unknown
     * @param createable whether it may be set when a record is created
     * @param updateable whether it may be changed later
     * @param required whether a record cannot be created without it
     * @param idLookup whether it is an external id
     * @param choices the active values of a picklist
     */
    record Field(
            String name,
            String type,
            int length,
            boolean createable,
            boolean updateable,
            boolean required,
            boolean idLookup,
            List<Choice> choices) {

        Field {
            choices = List.copyOf(choices);
        }

        /** A writable field with only type and length known. */
        static Field of(String name, String type, int length) {
            return new Field(name, type, length, true, true, false, false, List.of());
        }
    }

    /** A value of a picklist: the stored value and its label. */
    record Choice(String value, String label) {}

    Optional<Field> field(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /**
     * Parses a describe response as a stream, since it may be large and little of it is kept.
     *
     * @return empty if it is no describe response
     */
    static Optional<ObjectFields> read(JsonParser describe) throws IOException {
        if (describe.nextToken() != JsonToken.START_OBJECT) {
            return Optional.empty();
        }
        String name = "";
        boolean createable = true;
        boolean updateable = true;
        Map<String, Field> fields = null;
        for (String member = describe.nextFieldName(); member != null; member = describe.nextFieldName()) {
            JsonToken value = describe.nextToken();
            switch (member) {
                case "name" -> name = describe.getValueAsString("");
                case "createable" -> createable = describe.getValueAsBoolean(true);
                case "updateable" -> updateable = describe.getValueAsBoolean(true);
                case "fields" -> fields = value == JsonToken.START_ARRAY ? fields(describe) : null;
                default -> {
                    // ignored
                }
            }
            describe.skipChildren();
        }
        return fields == null ? Optional.empty() : Optional.of(new ObjectFields(name, createable, updateable, fields));
    }

    private static Map<String, Field> fields(JsonParser describe) throws IOException {
        Map<String, Field> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        while (describe.nextToken() == JsonToken.START_OBJECT) {
            JsonNode field = FIELD.readTree(describe);
            fields.put(field.path("name").asText(), fieldOf(field));
        }
        return fields;
    }

    private static Field fieldOf(JsonNode field) {
        boolean createable = field.path("createable").asBoolean();
        boolean required = createable
                && !field.path("nillable").asBoolean(true)
                && !field.path("defaultedOnCreate").asBoolean();
        return new Field(
                field.path("name").asText(),
                field.path("type").asText(),
                field.path("length").asInt(),
                createable,
                field.path("updateable").asBoolean(),
                required,
                field.path("externalId").asBoolean() || field.path("idLookup").asBoolean(),
                choices(field));
    }

    private static List<Choice> choices(JsonNode field) {
        List<Choice> choices = new ArrayList<>();
        for (JsonNode choice : field.path("picklistValues")) {
            if (choice.path("active").asBoolean(true)) {
                String value = choice.path("value").asText();
                choices.add(new Choice(value, choice.path("label").asText(value)));
            }
        }
        return choices;
    }
}
