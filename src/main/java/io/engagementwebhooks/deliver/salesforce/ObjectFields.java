package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The fields of an object, as the org describes them to the connection's user. API names do not tell upper from lower
 * case.
 *
 * @param object API name
 * @param createable whether the user may create records of it
 * @param updateable whether the user may update them
 * @param byName what is known of each field; fields that the user may not see are not there
 * @see <a href="https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_sobject_describe.htm">sObject
 *     Describe</a>
 */
record ObjectFields(String object, boolean createable, boolean updateable, Map<String, Field> byName) {

    ObjectFields {
        Map<String, Field> copy = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        copy.putAll(byName);
        byName = Collections.unmodifiableMap(copy);
    }

    /**
     * One field.
     *
     * @param name API name
     * @param type Salesforce's name of its type, such as {@code string}, {@code picklist}, {@code int}
     * @param length most characters of a text; 0: none told
     * @param createable whether it may be set when a record is created
     * @param updateable whether it may be changed later
     * @param required whether a record cannot be created without it
     * @param idLookup whether records are found by it: an external id
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

        /** A field of which only type and length are known. */
        static Field of(String name, String type, int length) {
            return new Field(name, type, length, true, true, false, false, List.of());
        }
    }

    /** A value of a picklist: what is stored, and what people see. */
    record Choice(String value, String label) {}

    Optional<Field> field(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** Reads the answer of a describe. */
    static ObjectFields of(JsonNode describe) {
        Map<String, Field> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (JsonNode field : describe.path("fields")) {
            fields.put(field.path("name").asText(), fieldOf(field));
        }
        return new ObjectFields(
                describe.path("name").asText(),
                describe.path("createable").asBoolean(true),
                describe.path("updateable").asBoolean(true),
                fields);
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
