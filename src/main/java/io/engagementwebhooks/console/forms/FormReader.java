package io.engagementwebhooks.console.forms;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.config.schema.Schema;
import io.engagementwebhooks.console.forms.FormField.Kind;
import io.engagementwebhooks.ledger.BundledFile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * Builds a form from a definition of the configuration's schema. Fields, order and texts come from {@code
 * console/settings.yaml}, all else from the schema. For one use.
 */
public final class FormReader {

    private static final String FILE = "/io/engagementwebhooks/console/settings.yaml";
    private static final JsonNode SCHEMA = Schema.document();
    private static final JsonNode WORDS = words();
    /** Keywords that combine schemas. */
    private static final List<String> PARTS = List.of("allOf", "anyOf");

    private final JsonNode schema;
    private final JsonNode definition;
    /** By field: choices of the chooser that hide it. */
    private final Map<String, Set<String>> refused = new HashMap<>();

    private String chooser;

    /** @param name of the definition in the schema */
    FormReader(JsonNode schema, String name) {
        this.schema = schema;
        this.definition = schema.path("definitions").path(name);
        for (JsonNode rule : definition.path("allOf")) {
            rule.path("then").path("properties").fieldNames().forEachRemaining(field -> rule.path("if")
                    .path("properties")
                    .properties()
                    .forEach(choice -> refuse(field, choice.getKey(), choice.getValue())));
        }
    }

    private void refuse(String field, String decides, JsonNode choices) {
        chooser = decides;
        refused.computeIfAbsent(field, f -> new TreeSet<>()).addAll(choices.findValuesAsText("const"));
        refused.get(field).addAll(texts(choices.path("enum")));
    }

    /** The bundled form of a kind. */
    static SettingForm bundled(String kind, String definition, String type) {
        return new FormReader(SCHEMA, definition).form(type, WORDS.path(kind));
    }

    /** Fields of the Engagement Builder. @param section of its texts */
    public static List<FormField> ofBuilder(String section) {
        return new FormReader(SCHEMA, "webhook").fields(WORDS.path("webhook").path(section), false);
    }

    /** All texts, by kind. */
    static JsonNode words() {
        Object words = new Load(LoadSettings.builder().build()).loadFromString(BundledFile.text(FILE));
        return new ObjectMapper().valueToTree(words);
    }

    /**
     * The form.
     *
     * @param type the member that distinguishes connections, or null
     * @param words texts of its kind
     */
    SettingForm form(String type, JsonNode words) {
        List<FormField> fields = new ArrayList<>();
        fields.addAll(fields(words.path("fields"), false));
        fields.addAll(fields(words.path("advanced"), true));
        List<SettingForm.Guide> guide = new ArrayList<>();
        words.path("guide")
                .properties()
                .forEach(part -> guide.add(new SettingForm.Guide(part.getKey(), texts(part.getValue()))));
        return new SettingForm(
                type,
                List.copyOf(fields),
                chooser,
                List.copyOf(guide),
                words.path("deletion").asText("This cannot be undone."));
    }

    /** The fields of a section of the texts. @param words by field name */
    List<FormField> fields(JsonNode words, boolean isAdvanced) {
        return words.properties().stream()
                .map(each -> field(each.getKey(), each.getValue(), isAdvanced))
                .toList();
    }

    private FormField field(String member, JsonNode words, boolean isAdvanced) {
        String key = words.path("at").asText(member);
        List<JsonNode> rules = rules(key);
        boolean isRequired = texts(definition.path("required")).contains(key);
        boolean isSecret = rules.stream().anyMatch(rule -> rule.path("x-secret").asBoolean());
        Kind kind = kind(rules);
        String usual = rules.stream()
                .map(rule -> rule.path("default").asText(""))
                .filter(text -> !text.isEmpty())
                .findFirst()
                .orElse(null);
        Map<String, String> options = options(kind, rules, words.path("choices"), isRequired || usual != null);
        boolean isShown =
                kind != Kind.FLAG && !options.isEmpty() || words.has("none") && !isSecret || words.has("shown");
        return new FormField(
                words.path("name").asText(member),
                "/" + key.replace('.', '/'),
                words.path("label").asText(words.asText()),
                kind,
                words.path("hint").textValue(),
                words.path("example").asText(usual),
                isShown ? usual : null,
                (isRequired || words.has("required")) && !isSecret,
                isSecret,
                words.path("rows").asInt(),
                words.path("none").textValue(),
                options,
                isAdvanced,
                words.has("only") ? Set.copyOf(texts(words.path("only"))) : only(key));
    }

    /** The schema rules of a field; a dot leads into an object. */
    private List<JsonNode> rules(String key) {
        List<JsonNode> rules = List.of(definition);
        for (String member : key.split("\\.")) {
            rules = rules.stream()
                    .flatMap(rule -> parts(rule.path("properties").path(member)))
                    .toList();
        }
        return rules;
    }

    private Stream<JsonNode> parts(JsonNode rule) {
        Stream<JsonNode> referred = Stream.ofNullable(rule.get("$ref"))
                .map(reference -> schema.at(reference.asText().substring(1)));
        Stream<JsonNode> inner = PARTS.stream().flatMap(key -> stream(rule.path(key)));
        return Stream.concat(Stream.of(rule), Stream.concat(referred, inner).flatMap(this::parts));
    }

    private Kind kind(List<JsonNode> rules) {
        for (JsonNode rule : rules) {
            List<String> types = types(rule);
            if (rule.path("x-json").asBoolean()) {
                return Kind.JSON;
            } else if (types.equals(List.of("boolean"))) {
                return Kind.FLAG;
            } else if (types.contains("integer")) {
                return Kind.NUMBER;
            } else if (types.contains("object")) {
                return ofObject(rule);
            } else if (types.contains("array")) {
                return ofItems(typesOfParts(rule.path("items")));
            }
        }
        return Kind.TEXT;
    }

    private Kind ofObject(JsonNode rule) {
        if (rule.has("properties")) {
            return rule.path("properties").has("jq") ? Kind.PROGRAM : Kind.JSON;
        }
        return typesOfParts(rule.path("additionalProperties")).contains("object") ? Kind.PROGRAMS : Kind.PAIRS;
    }

    private static Kind ofItems(List<String> types) {
        if (types.contains("object")) {
            return types.contains("string") ? Kind.LINES : Kind.SCHEMA;
        }
        return types.contains("integer") ? Kind.NUMBERS : Kind.LIST;
    }

    private static List<String> types(JsonNode rule) {
        JsonNode type = rule.path("type");
        return type.isTextual() ? List.of(type.textValue()) : texts(type);
    }

    private List<String> typesOfParts(JsonNode rule) {
        return parts(rule).flatMap(part -> types(part).stream()).toList();
    }

    /** Values with labels. @param isSaid whether one is always chosen, or usual */
    private static Map<String, String> options(Kind kind, List<JsonNode> rules, JsonNode labels, boolean isSaid) {
        Map<String, String> options = new LinkedHashMap<>();
        if (kind == Kind.FLAG) {
            options.put("", "No");
            options.put("true", labels.path("true").asText("Yes"));
        } else if (labels.isObject()) {
            List<String> values = rules.stream()
                    .flatMap(rule -> texts(rule.path("enum")).stream())
                    .toList();
            if (!isSaid && !values.isEmpty()) {
                options.put("", labels.path("").asText());
            }
            values.stream()
                    .filter(value -> !labels.path(value).isNull())
                    .forEach(value -> options.put(value, labels.path(value).asText(value)));
            labels.properties().stream()
                    .filter(label -> !label.getValue().isNull())
                    .forEach(label ->
                            options.putIfAbsent(label.getKey(), label.getValue().asText()));
        }
        return options;
    }

    /** The choices of the chooser that show a field; empty: all. */
    private Set<String> only(String key) {
        Set<String> choices = new TreeSet<>();
        if (refused.containsKey(key)) {
            rules(chooser).forEach(rule -> choices.addAll(texts(rule.path("enum"))));
            choices.removeAll(refused.get(key));
        }
        return choices;
    }

    private static Stream<JsonNode> stream(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    private static List<String> texts(JsonNode array) {
        return stream(array).map(JsonNode::asText).toList();
    }
}
