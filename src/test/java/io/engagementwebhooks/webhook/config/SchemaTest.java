package io.engagementwebhooks.webhook.config;

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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What editors complete by is what the reader takes. */
class SchemaTest {

    private static final JsonMapper JSON = new JsonMapper();

    /** Of which JSON is a part. */
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
    void the_quickstarts_set_up_is_valid_and_names_the_schema_in_its_first_line() throws IOException {
        Path quickstart = Path.of("examples/quickstart/webhooks.yaml");
        assertEquals(
                "# yaml-language-server: $schema=../../docs/webhooks.schema.json",
                Files.readAllLines(quickstart).get(0));
        assertEquals(Set.of(), validate(quickstart));
    }

    @Test
    void the_set_up_of_the_added_destination_is_valid() throws IOException {
        assertEquals(Set.of(), validate(Path.of("examples/add-a-destination/webhooks.yaml")));
    }

    @ParameterizedTest
    @EnumSource(Part.class)
    void schema_and_reader_know_the_same_keys(Part part) {
        JsonNode definition =
                part == Part.FILE ? document : document.path("definitions").path(part.schemaName());
        Set<String> keys = new TreeSet<>();
        definition.path("properties").fieldNames().forEachRemaining(keys::add);
        assertEquals(part.keys(), keys);
        assertFalse(definition.path("additionalProperties").asBoolean(true), "no other keys are taken");
    }

    @Test
    void each_key_is_described() {
        for (Part part : Part.values()) {
            JsonNode definition =
                    part == Part.FILE ? document : document.path("definitions").path(part.schemaName());
            definition
                    .path("properties")
                    .properties()
                    .forEach(key -> assertTrue(
                            key.getValue().path("description").asText().length() > 10,
                            part.schemaName() + "." + key.getKey()));
        }
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
    void what_the_reader_refuses_for_its_shape_the_schema_marks_too(String name) throws IOException {
        assertFalse(validate(BAD_FILES.resolve(name + ".yaml")).isEmpty());
    }

    @Test
    void each_type_of_authentication_takes_the_same_keys_by_schema_and_reader() {
        for (JsonNode rule : document.at("/definitions/authentication/allOf")) {
            String type = rule.at("/if/properties/type/const").asText();
            Set<String> refused = new TreeSet<>();
            rule.at("/then/properties").properties().forEach(key -> refused.add(key.getKey()));
            Set<String> expected = new TreeSet<>(Part.AUTHENTICATION.keys());
            expected.removeAll(DeliveryReader.KEYS.get(type));
            expected.remove("type");
            assertEquals(expected, refused, type);
        }
    }

    /** What the parts are called in docs/openapi.yaml. */
    private static final Map<Part, String> IN_API = Map.ofEntries(
            Map.entry(Part.API_KEY, "ApiKeyDefinition"),
            Map.entry(Part.SIGNING_KEY, "OwnSigningKeyDefinition"),
            Map.entry(Part.OAUTH_CLIENT, "OAuthClientDefinition"),
            Map.entry(Part.SALESFORCE_CONNECTION, "SalesforceConnectionDefinition"),
            Map.entry(Part.CONTENTSQUARE_CONNECTION, "ContentsquareConnectionDefinition"),
            Map.entry(Part.SCHEMA_FIELD, "SchemaFieldDefinition"),
            Map.entry(Part.WEBHOOK, "WebhookDefinition"),
            Map.entry(Part.DELIVERY, "DeliveryDefinition"),
            Map.entry(Part.TLS, "TlsDefinition"),
            Map.entry(Part.AUTHENTICATION, "AuthenticationDefinition"),
            Map.entry(Part.SALESFORCE, "SalesforceTargetDefinition"),
            Map.entry(Part.SALESFORCE_RECORD, "SalesforceRecordDefinition"),
            Map.entry(Part.CONTENTSQUARE, "ContentsquareTargetDefinition"),
            Map.entry(Part.FIELD_PROGRAM, "FieldProgram"),
            Map.entry(Part.WAIT_FOR, "WaitForDefinition"),
            Map.entry(Part.FIFO, "FifoDefinition"));

    /** Keys are made by us, and another name is a renaming. */
    private static final Map<Part, Set<String>> NOT_IN_API =
            Map.of(Part.API_KEY, Set.of("key"), Part.WEBHOOK, Set.of("was"));

    private final JsonNode api = read("openapi.yaml").at("/components/schemas");

    @ParameterizedTest
    @EnumSource(
            value = Part.class,
            names = {"FILE", "ACCOUNT"},
            mode = EnumSource.Mode.EXCLUDE)
    void the_api_takes_the_same_members_and_words_as_the_file(Part part) {
        JsonNode ofFile = document.path("definitions").path(part.schemaName());
        JsonNode ofApi = api.path(IN_API.get(part));
        Set<String> expected = new TreeSet<>(part.keys());
        expected.removeAll(NOT_IN_API.getOrDefault(part, Set.of()));
        assertEquals(expected, names(ofApi.path("properties")));
        assertFalse(ofApi.path("additionalProperties").asBoolean(true), "no other members are taken");
        Set<String> required = texts(ofFile.path("required"));
        required.retainAll(expected);
        assertEquals(required, texts(ofApi.path("required")));
        for (String key : expected) {
            JsonNode there = ofFile.path("properties").path(key);
            JsonNode here = resolved(ofApi.path("properties").path(key));
            assertFalse(here.has("default"), () -> key + ": generated clients would send what is not meant");
            Set<String> words = words(there);
            if (key.equals("type") && words(here).size() == 1) {
                words.retainAll(words(here));
            }
            // a name or a list, of which generators make nothing that compiles
            if (!key.equals("retry")) {
                assertEquals(words, words(here), key);
            }
        }
    }

    @Test
    void a_signing_key_of_the_account_is_of_a_scheme_besides() {
        Set<String> expected = new TreeSet<>(Part.SIGNING_KEY.keys());
        expected.add("scheme");
        assertEquals(expected, names(api.at("/SigningKeyDefinition/properties")));
    }

    private JsonNode resolved(JsonNode schema) {
        String reference = schema.path("$ref").asText();
        return reference.isEmpty() ? schema : api.path(reference.substring(reference.lastIndexOf('/') + 1));
    }

    /** That a value may be one of. */
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
