package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The form of something on the Settings page and its definition, each made of the other. Thread-safe. */
final class SettingForm {

    private static final JsonMapper JSON = new JsonMapper();

    private SettingForm() {}

    /** The form of a definition as the API shows it. */
    static Form of(SettingKind kind, JsonNode definition) {
        Form.Filling form = new Form.Filling();
        for (SettingField field : kind.fields()) {
            JsonNode value = definition.path(field.key());
            if (!field.isSecret()) {
                form.set(field.key(), shown(field, value));
            }
        }
        return form.done();
    }

    private static String shown(SettingField field, JsonNode value) {
        return switch (field.kind()) {
            case LIST -> value.isArray() ? String.join(", ", texts(value)) : value.asText("");
            case PAIRS -> {
                List<String> lines = new ArrayList<>();
                value.properties()
                        .forEach(member -> lines.add(
                                member.getKey() + ": " + member.getValue().asText()));
                yield String.join("\n", lines);
            }
            case SCHEMA -> {
                List<String> lines = new ArrayList<>();
                value.forEach(item -> lines.add(schemaLine(item)));
                yield String.join("\n", lines);
            }
            default -> value.asText("");
        };
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(item -> texts.add(item.asText()));
        return texts;
    }

    private static String schemaLine(JsonNode field) {
        boolean plain = field.properties().stream()
                .allMatch(member -> List.of("name", "type", "optional").contains(member.getKey()));
        return plain
                ? field.path("name").asText() + ": " + field.path("type").asText()
                        + (field.path("optional").asBoolean() ? " optional" : "")
                : field.toString();
    }

    /**
     * The definition that a form means.
     *
     * @param before as the API showed it, with what the form does not hold; a missing node: there is none
     */
    static ObjectNode definition(SettingKind kind, Form form, JsonNode before) {
        ObjectNode definition = before.isObject() ? before.deepCopy() : JSON.createObjectNode();
        if (kind.type() != null) {
            definition.put("type", kind.type());
        }
        for (SettingField field : kind.fields()) {
            String key = field.key();
            String text = form.text(key);
            boolean keeps = field.isSecret() && text.isEmpty() && before.has(key);
            if (keeps) {
                continue;
            }
            definition.remove(key);
            if (!text.isEmpty()) {
                definition.set(key, value(field, text));
            }
        }
        dropWhatDoesNotGoTogether(kind, definition);
        return definition;
    }

    /** What is chosen by another field's choice and was left from the choice before. */
    private static void dropWhatDoesNotGoTogether(SettingKind kind, ObjectNode definition) {
        if (kind == SettingKind.OAUTH_CLIENT) {
            String method = definition.path("authorizationMethod").asText("header");
            boolean secret = method.equals("header") || method.equals("body");
            definition.remove(secret ? List.of("privateKey", "keyId", "algorithm", "assertionAudience") : List.of());
            definition.remove(secret ? List.of() : List.of("clientSecret", "encoding"));
        }
    }

    private static JsonNode value(SettingField field, String text) {
        return switch (field.kind()) {
            case LIST -> {
                ArrayNode list = JSON.createArrayNode();
                Arrays.stream(text.split("[,\\s]+")).forEach(list::add);
                yield list;
            }
            case PAIRS -> pairs(text);
            case SCHEMA -> schema(text);
            case FLAG -> JSON.getNodeFactory().booleanNode(text.equals("true"));
            default ->
                field.key().equals("integrationVersion") && text.matches("\\d{1,9}")
                        ? JSON.getNodeFactory().numberNode(Integer.parseInt(text))
                        : JSON.getNodeFactory().textNode(text);
        };
    }

    private static ObjectNode pairs(String text) {
        ObjectNode pairs = JSON.createObjectNode();
        for (String line : text.split("\n")) {
            int colon = line.indexOf(':');
            if (!line.isBlank()) {
                pairs.put(
                        (colon < 0 ? line : line.substring(0, colon)).strip(),
                        colon < 0 ? "" : line.substring(colon + 1).strip());
            }
        }
        return pairs;
    }

    private static ArrayNode schema(String text) {
        ArrayNode schema = JSON.createArrayNode();
        for (String line : text.split("\n")) {
            if (!line.isBlank()) {
                schema.add(schemaField(line.strip()));
            }
        }
        return schema;
    }

    private static JsonNode schemaField(String line) {
        if (line.startsWith("{")) {
            try {
                return JSON.readTree(line);
            } catch (JsonProcessingException e) {
                return JSON.getNodeFactory().textNode(line);
            }
        }
        int colon = line.indexOf(':');
        ObjectNode field = JSON.createObjectNode();
        field.put("name", (colon < 0 ? line : line.substring(0, colon)).strip());
        String[] rest = (colon < 0 ? "" : line.substring(colon + 1).strip()).split("\\s+");
        if (!rest[0].isEmpty()) {
            field.put("type", rest[0]);
        }
        if (rest.length > 1 && rest[1].equals("optional")) {
            field.put("optional", true);
        }
        return field;
    }

    /** The field that a JSON pointer into the definition means; null: none that is shown. */
    static String field(SettingKind kind, String pointer) {
        String[] steps = pointer.split("/");
        return steps.length < 2
                ? null
                : kind.fields().stream()
                        .map(SettingField::key)
                        .filter(steps[1]::equals)
                        .findFirst()
                        .orElse(null);
    }
}
