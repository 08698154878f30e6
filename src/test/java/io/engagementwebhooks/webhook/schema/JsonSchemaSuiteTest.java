package io.engagementwebhooks.webhook.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The official test suite of JSON Schema, draft 2020-12, in {@code src/test/resources/json-schema-suite}: its required tests at
 * commit 44401e0c of github.com/json-schema-org/JSON-Schema-Test-Suite, without the files {@code dynamicRef}, {@code refRemote},
 * {@code unevaluatedItems}, {@code unevaluatedProperties} and {@code vocabulary}, whose keywords are refused.
 */
class JsonSchemaSuiteTest {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();
    private static final Path FOLDER = Path.of("src/test/resources/json-schema-suite");

    /** Groups whose schema is refused when it is saved. */
    private static final Set<String> REFUSED = Set.of(
            "anchor.json: Location-independent identifier with absolute URI",
            "anchor.json: Location-independent identifier with base URI change in subschema",
            "anchor.json: same $anchor with different base uri",
            "defs.json: validate definition against metaschema",
            "not.json: collect annotations inside a 'not', even if collection is disabled",
            "pattern.json: pattern with Unicode property escape requires unicode mode",
            "patternProperties.json: patternProperties with Unicode property escape",
            "ref.json: $id must be resolved against nearest parent, not just immediate parent",
            "ref.json: Recursive references between schemas",
            "ref.json: URN base URI with URN and JSON pointer ref",
            "ref.json: URN base URI with URN and anchor ref",
            "ref.json: URN ref with nested pointer ref",
            "ref.json: order of evaluation: $id and $anchor and $ref",
            "ref.json: order of evaluation: $id and $ref",
            "ref.json: order of evaluation: $id and $ref on nested schema",
            "ref.json: ref creates new scope when adjacent to keywords",
            "ref.json: ref to else",
            "ref.json: ref to if",
            "ref.json: ref to then",
            "ref.json: ref with absolute-path-reference",
            "ref.json: refs with relative uris and defs",
            "ref.json: relative refs with absolute uris and defs",
            "ref.json: remote ref, containing refs itself",
            "ref.json: simple URN base URI with $ref via the URN");

    static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void data_fits_a_schema_as_the_suite_says(Path file) throws IOException {
        Set<String> wrong = new TreeSet<>();
        for (JsonNode group : JSON.readTree(file.toFile())) {
            try {
                DataSchema schema = DataSchema.compile(group.path("schema"));
                for (JsonNode test : group.path("tests")) {
                    if (schema.check(test.path("data")).isEmpty()
                            != test.path("valid").asBoolean()) {
                        wrong.add(text(group) + ": " + text(test));
                    }
                }
            } catch (SchemaRefusedException e) {
                continue; // see the test below
            }
        }

        assertEquals(Set.of(), wrong);
    }

    @Test
    void only_known_schemas_of_the_suite_are_refused() throws IOException {
        Set<String> refused = new TreeSet<>();
        for (Path file : files()) {
            for (JsonNode group : JSON.readTree(file.toFile())) {
                try {
                    DataSchema.compile(group.path("schema"));
                } catch (SchemaRefusedException e) {
                    refused.add(file.getFileName() + ": " + text(group));
                }
            }
        }

        assertEquals(REFUSED, refused);
    }

    private static String text(JsonNode described) {
        return described.path("description").asText();
    }
}
