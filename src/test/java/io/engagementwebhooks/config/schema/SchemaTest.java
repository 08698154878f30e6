package io.engagementwebhooks.config.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.ContentsquareConnection.SchemaField;
import io.engagementwebhooks.webhook.auth.ClientCredential;
import io.engagementwebhooks.webhook.signing.SignatureAlgorithm;
import io.engagementwebhooks.webhook.signing.Signing;
import io.engagementwebhooks.webhook.template.Body;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Editors complete by the schema, and the reader accepts the same files. */
class SchemaTest {

    private static final JsonMapper JSON = new JsonMapper();

    /** Reads JSON too. */
    private static final YAMLMapper YAML = new YAMLMapper();

    private static final Path DOCS = Path.of("docs");
    private static final Path BAD_FILES = Path.of("src/test/resources/setup");

    private final JsonNode document = read("webhooks.schema.json");
    private final JsonSchema schema =
            JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(document);

    @Test
    void the_example_is_valid_and_names_the_schema_in_its_first_line() throws IOException {
        Path example = DOCS.resolve("webhooks.example.yaml");
        assertEquals(
                "# yaml-language-server: $schema=webhooks.schema.json",
                Files.readAllLines(example).get(0));
        assertEquals(Set.of(), validate(example));
    }

    @Test
    void the_quickstarts_configuration_is_valid_and_names_the_schema_in_its_first_line() throws IOException {
        Path quickstart = Path.of("examples/quickstart/webhooks.yaml");
        assertEquals(
                "# yaml-language-server: $schema=../../docs/webhooks.schema.json",
                Files.readAllLines(quickstart).get(0));
        assertEquals(Set.of(), validate(quickstart));
    }

    @Test
    void the_configurations_of_the_added_destinations_are_valid() throws IOException {
        assertEquals(Set.of(), validate(Path.of("examples/add-a-destination/webhooks.yaml")));
        assertEquals(Set.of(), validate(Path.of("examples/jms-and-sql/webhooks.yaml")));
    }

    private static final Set<String> KEYWORDS = Set.of(
            "$ref",
            "$schema",
            "additionalProperties",
            "allOf",
            "anyOf",
            "const",
            "contentEncoding",
            "default",
            "definitions",
            "description",
            "else",
            "enum",
            "examples",
            "if",
            "items",
            "maxItems",
            "maxLength",
            "maximum",
            "minItems",
            "minProperties",
            "minimum",
            "not",
            "pattern",
            "properties",
            "propertyNames",
            "required",
            "then",
            "title",
            "type",
            "x-fault",
            "x-format",
            "x-hint",
            "x-json",
            "x-least",
            "x-literal",
            "x-most",
            "x-secret");

    /** An unknown keyword would be a rule that is never checked. */
    @Test
    void each_keyword_is_understood() {
        assertEquals(Set.of(), unknownKeywords(document).collect(Collectors.toSet()));
    }

    private static Stream<String> unknownKeywords(JsonNode schema) {
        Stream<String> own =
                schema.isObject() ? names(schema).stream().filter(name -> !KEYWORDS.contains(name)) : Stream.of();
        Stream<JsonNode> inner = Stream.of("properties", "definitions").flatMap(name -> children(schema.path(name)));
        Stream<JsonNode> combined = names(schema).stream()
                .filter(name -> !Set.of("properties", "definitions", "default", "examples", "enum")
                        .contains(name))
                .map(schema::path)
                .flatMap(value -> value.isArray() ? children(value) : Stream.of(value));
        return Stream.concat(own, Stream.concat(inner, combined).flatMap(SchemaTest::unknownKeywords));
    }

    private static Stream<JsonNode> children(JsonNode node) {
        return StreamSupport.stream(node.spliterator(), false);
    }

    @Test
    void each_definition_of_a_mapping_takes_no_other_keys() {
        mappings().forEach((name, definition) -> {
            assertEquals(names(definition.path("properties")), Schema.rule(name).keys(), name);
            assertFalse(definition.path("additionalProperties").asBoolean(true), name);
        });
        assertEquals(Set.of("accounts"), Schema.rule(Schema.FILE).keys());
    }

    @Test
    void each_key_is_described() {
        mappings().forEach((name, definition) -> definition
                .path("properties")
                .properties()
                .forEach(key -> assertTrue(
                        key.getValue().path("description").asText().length() > 10, name + "." + key.getKey())));
    }

    private Map<String, JsonNode> mappings() {
        Map<String, JsonNode> mappings = new TreeMap<>();
        document.path("definitions").properties().forEach(each -> {
            if (each.getValue().has("additionalProperties")) {
                mappings.put(each.getKey(), each.getValue());
            }
        });
        assertTrue(mappings.size() > 12, mappings::toString);
        return mappings;
    }

    private static final Map<Class<?>, Set<String>> NOT_TO_BE_CHOSEN =
            Map.of(ApiKey.Role.class, Set.of("operator"), SchemaField.Conversion.class, Set.of("none"));

    static List<Arguments> typesOfWords() {
        return List.of(
                Arguments.of("apiKey", "role", ApiKey.Role.class),
                Arguments.of("oauthClient", "encoding", ClientCredential.Encoding.class),
                Arguments.of("oauthClient", "algorithm", SignatureAlgorithm.class),
                Arguments.of("schemaField", "type", SchemaField.Type.class),
                Arguments.of("schemaField", "convert", SchemaField.Conversion.class),
                Arguments.of("delivery", "format", Body.Format.class),
                Arguments.of("delivery", "signature", Signing.Form.class));
    }

    @ParameterizedTest
    @MethodSource("typesOfWords")
    void each_word_is_a_constant_of_its_type(String mapping, String key, Class<? extends Enum<?>> type) {
        Set<String> constants = Arrays.stream(type.getEnumConstants())
                .map(each -> each.name().replace('_', '-').toLowerCase(Locale.ROOT))
                .collect(Collectors.toCollection(TreeSet::new));
        constants.removeAll(NOT_TO_BE_CHOSEN.getOrDefault(type, Set.of()));
        Set<String> words = new TreeSet<>();
        words(document.at("/definitions/" + mapping + "/properties/" + key))
                .forEach(word -> words.add(word.toLowerCase(Locale.ROOT)));
        assertEquals(constants, words);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "unknown-keys",
                "missing",
                "wrong-types",
                "authentication",
                "third-parties",
                "bodies",
                "contentsquare",
                "signing"
            })
    void the_schema_refuses_what_the_reader_refuses_by_shape(String name) throws IOException {
        assertFalse(validate(BAD_FILES.resolve(name + ".yaml")).isEmpty());
    }

    /** The allowed values. */
    private static Set<String> words(JsonNode schema) {
        Set<String> words = texts(schema.path("enum"));
        schema.path("anyOf").forEach(one -> words.addAll(texts(one.path("enum"))));
        return words;
    }

    private static Set<String> names(JsonNode object) {
        Set<String> names = new TreeSet<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static Set<String> texts(JsonNode array) {
        Set<String> texts = new TreeSet<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    private Set<ValidationMessage> validate(Path yaml) throws IOException {
        Object loaded = new Load(LoadSettings.builder().build()).loadFromString(Files.readString(yaml));
        return schema.validate(JSON.valueToTree(loaded));
    }

    private static JsonNode read(String name) {
        try {
            return YAML.readTree(DOCS.resolve(name).toFile());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
