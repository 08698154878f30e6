package io.engagementwebhooks.webhook.setup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    private static final Path DOCS = Path.of("docs");
    private static final Path BAD_FILES = Path.of("src/test/resources/setup");

    private final JsonNode document = read();
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

    private Set<ValidationMessage> validate(Path yaml) throws IOException {
        Object loaded = new Load(LoadSettings.builder().build()).loadFromString(Files.readString(yaml));
        return schema.validate(JSON.valueToTree(loaded));
    }

    private static JsonNode read() {
        try {
            return JSON.readTree(DOCS.resolve("webhooks.schema.json").toFile());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
