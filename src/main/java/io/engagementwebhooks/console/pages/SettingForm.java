package io.engagementwebhooks.console.pages;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.server.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Converts between a Settings form and its definition. Immutable.
 *
 * @param type the member that distinguishes connections, or null
 * @param chooser the field that selects which other fields apply, or null
 * @param guide help on where to find values; empty: not needed
 * @param deletion what a deletion changes
 */
record SettingForm(
        String type, List<SettingField> fields, String chooser, List<SettingForm.Guide> guide, String deletion) {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();
    private static final String TLS = "tls";

    /**
     * A section of the help on where to find values.
     *
     * @param title its heading
     * @param steps in their order
     */
    record Guide(String title, List<String> steps) {}

    /** The form of a definition as shown by the API. */
    Form of(JsonNode definition) {
        Form.Filling form = new Form.Filling();
        for (SettingField field : fields) {
            if (!field.isSecret()) {
                String shown = shown(field, definition.at(field.pointer()));
                boolean isLeftOut = definition.at(field.pointer()).isMissingNode();
                form.set(field.key(), isLeftOut && field.isTextOrNone() ? field.usual() : shown);
            }
            if (isNone(field, definition.at(field.pointer()))) {
                form.set(field.noneKey(), "true");
            }
        }
        return form.done();
    }

    /** A text of the API with the labels of this form instead of keys. */
    String inLabels(String text) {
        String labeled = text;
        for (SettingField field : fields) {
            labeled = field.inLabels(labeled);
        }
        return labeled;
    }

    private static boolean isNone(SettingField field, JsonNode value) {
        return field.isTextOrNone() && value.isTextual() && value.textValue().isEmpty();
    }

    /** Whether it is set to none. */
    private static boolean isNone(SettingField field, Form form) {
        return field.isTextOrNone() && form.has(field.noneKey());
    }

    private static String shown(SettingField field, JsonNode value) {
        return switch (field.kind()) {
            case LIST -> value.isArray() ? String.join(", ", SettingFormReader.texts(value)) : value.asText("");
            case PAIRS -> Pairs.TEXTS.lines(value);
            case SCHEMA -> {
                List<String> lines = new ArrayList<>();
                value.forEach(item -> lines.add(schemaLine(item)));
                yield String.join("\n", lines);
            }
            case FLAG -> value.asBoolean() ? "true" : "";
            case JSON -> value.isContainerNode() ? value.toPrettyString() : value.asText("");
            default -> value.asText("");
        };
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
     * The definition of a form.
     *
     * @param before as shown by the API, with members that the form lacks; a missing node: there is none
     */
    ObjectNode definition(Form form, JsonNode before) {
        ObjectNode definition = before.isObject() ? before.deepCopy() : JSON.createObjectNode();
        if (type != null) {
            definition.put("type", type);
        }
        for (SettingField field : fields) {
            boolean mayBeNew = EditConflict.isMeant(form) && field.key().startsWith(TLS + ".");
            if (isNoMore(field, form)) {
                put(definition, field, "");
            } else if (mayBeNew && form.text(field.key()).isEmpty()) {
                continue;
            } else if (isNone(field, form)) {
                definition.put(field.key(), "");
            } else if (!isAsBefore(field, form, before)) {
                put(definition, field, form.text(field.key()));
            }
        }
        dropWhatDoesNotGoTogether(definition);
        if (definition.path(TLS) instanceof ObjectNode tls) {
            dropFormerCertificate(form, before, tls);
            if (tls.isEmpty()) {
                definition.remove(TLS);
            }
        }
        return definition;
    }

    /**
     * A client certificate has one of two formats: a typed one replaces the other, and a removed one loses its secrets.
     */
    private void dropFormerCertificate(Form form, JsonNode before, ObjectNode tls) {
        Set<String> typed = fields.stream()
                .filter(field -> !form.text(field.key()).isEmpty() && !isAsBefore(field, form, before))
                .map(SettingField::key)
                .collect(Collectors.toSet());
        boolean isPem = typed.contains("tls.certificate") || typed.contains("tls.key");
        boolean isStore = typed.contains("tls.pkcs12");
        if (isStore && !isPem) {
            tls.remove(List.of("certificate", "key"));
        } else if (isPem && !isStore) {
            tls.remove("pkcs12");
        }
        if (!tls.has("certificate") && !typed.contains("tls.key")) {
            tls.remove("key");
        }
        if (!tls.has("pkcs12") && !typed.contains("tls.password")) {
            tls.remove("password");
        }
    }

    /** Whether a stored secret is removed and not replaced. */
    private static boolean isNoMore(SettingField field, Form form) {
        return field.isSecret()
                && field.none() != null
                && form.has(field.noneKey())
                && form.text(field.key()).isEmpty();
    }

    /** An unchanged field keeps its original spelling or stays left out. */
    private static boolean isAsBefore(SettingField field, Form form, JsonNode before) {
        String text = form.text(field.key());
        JsonNode kept = before.at(field.pointer());
        if (isNone(field, kept)) {
            return false;
        }
        if (kept.isMissingNode()) {
            return before.isObject() && text.equals(field.usual());
        }
        return field.isSecret() ? text.isEmpty() : text.equals(sent(field, shown(field, kept)));
    }

    /** A value as a browser submits it: line breaks only in multi-line fields. */
    private static String sent(SettingField field, String value) {
        String lines = value.replace("\r\n", "\n").replace('\r', '\n');
        return (field.rows() > 0 ? lines : lines.replace("\n", "")).strip();
    }

    private static void put(ObjectNode definition, SettingField field, String text) {
        int dot = field.key().indexOf('.');
        String member = field.key().substring(dot + 1);
        String outer = dot < 0 ? null : field.key().substring(0, dot);
        if (!text.isEmpty()) {
            ObjectNode owner = outer == null ? definition : definition.withObject("/" + outer);
            owner.set(member, value(field, text, owner.path(member)));
        } else if (outer == null) {
            definition.remove(member);
        } else if (definition.path(outer) instanceof ObjectNode owner) {
            owner.remove(member);
            if (owner.isEmpty()) {
                definition.remove(outer);
            }
        }
    }

    /** Removes members of a former choice that do not apply to the current one. */
    private void dropWhatDoesNotGoTogether(ObjectNode definition) {
        if (chooser == null) {
            return;
        }
        SettingField deciding = field(chooser);
        String choice = definition.path(chooser).asText(deciding.usual());
        if (deciding.options().containsKey(choice)) {
            fields.stream()
                    .filter(field -> !field.only().isEmpty() && !field.only().contains(choice))
                    .forEach(field -> definition.remove(field.key()));
        }
    }

    private static JsonNode value(SettingField field, String text, JsonNode before) {
        return switch (field.kind()) {
            case LIST -> {
                ArrayNode list = JSON.createArrayNode();
                Arrays.stream(text.split("[,\\s]+")).forEach(list::add);
                yield list;
            }
            case PAIRS -> Pairs.TEXTS.object(text, before);
            case SCHEMA -> schema(text);
            case FLAG -> JSON.getNodeFactory().booleanNode(text.equals("true"));
            case JSON -> json(text);
            case NUMBER ->
                text.matches("\\d{1,18}")
                        ? JSON.getNodeFactory().numberNode(Long.parseLong(text))
                        : JSON.getNodeFactory().textNode(text);
            default -> JSON.getNodeFactory().textNode(text);
        };
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
            return json(line);
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

    /** JSON, or the text if it is none. */
    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            return JSON.getNodeFactory().textNode(text);
        }
    }

    /** Errors that only the form can have: text that is no JSON object. */
    Faults faults(Form form) {
        Faults.Gathering faults = new Faults.Gathering();
        fields.stream()
                .filter(field -> field.kind() == SettingField.Kind.JSON)
                .filter(field -> !form.text(field.key()).isEmpty())
                .forEach(field -> checkJson(field, form.raw(field.key()), faults));
        return faults.done();
    }

    private static void checkJson(SettingField field, String text, Faults.Gathering faults) {
        try {
            if (!JSON.readTree(text).isObject()) {
                faults.add(field.key(), Messages.text("json.no-object", "label", field.label()));
            }
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            faults.add(
                    field.key(),
                    Messages.text(
                            "json.unreadable",
                            "label",
                            field.label(),
                            "line",
                            at == null ? 1 : at.getLineNr(),
                            "column",
                            at == null ? 1 : at.getColumnNr()));
        }
    }

    /** The errors of a refused definition. */
    Faults faults(Problem problem) {
        return Faults.of(problem, this::fieldAt, this::label);
    }

    /** The field of a JSON pointer into the definition; null: none is shown. */
    String fieldAt(String pointer) {
        return fields.stream()
                .filter(field -> (pointer + "/").startsWith(field.pointer() + "/")
                        || (field.pointer() + "/").startsWith(pointer + "/"))
                .map(SettingField::key)
                .findFirst()
                .orElse(null);
    }

    /** The label of a field. @throws java.util.NoSuchElementException if it has no such field */
    String label(String key) {
        return field(key).label();
    }

    /** A field. @throws java.util.NoSuchElementException if it has no such field */
    SettingField field(String key) {
        return fields.stream()
                .filter(field -> field.key().equals(key))
                .findFirst()
                .orElseThrow();
    }

    /** The folded fields, or the others. */
    List<SettingField> fields(boolean isAdvanced) {
        return fields.stream().filter(field -> field.advanced() == isAdvanced).toList();
    }
}
