package io.engagementwebhooks.operate.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.engagementwebhooks.operate.settings.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What Camel's schema of YAML routes refuses, the check of a saved file refuses too, and names the line. The schema itself is
 * no part of the product: Camel's reader of YAML knows the same keys.
 */
class UnknownKeysTest {

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    /** Not kept any longer than this class runs: with all that it has learnt it takes some hundred megabytes. */
    private static JsonSchema schema;

    @TempDir
    Path folder;

    @BeforeAll
    static void readSchema() throws IOException {
        try (InputStream in = UnknownKeysTest.class.getResourceAsStream("/schema/camelYamlDsl.json")) {
            schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4).getSchema(new JsonMapper().readTree(in));
        }
    }

    @AfterAll
    static void dropSchema() {
        schema = null;
    }

    static Stream<Arguments> slips() {
        return Stream.of(
                slip(
                        "a file",
                        """
                        - route: {id: good, from: {uri: "direct:good", steps: [{log: hello}]}}
                        - rout:
                            id: slip
                        """,
                        2,
                        "rout"),
                slip(
                        "a route",
                        """
                        - route:
                            id: slip
                            grup: deliver
                            from: {uri: "direct:slip", steps: [{log: hello}]}
                        """,
                        3,
                        "grup"),
                slip(
                        "an entrance",
                        """
                        - route:
                            id: slip
                            from:
                              uri: direct:slip
                              parametres: {block: "true"}
                              steps: [{log: hello}]
                        """,
                        5,
                        "parametres"),
                slip(
                        "a step",
                        """
                        - route:
                            id: slip
                            from:
                              uri: direct:slip
                              steps:
                                - to:
                                    uri: log:a
                                    parametres: {level: WARN}
                        """,
                        8,
                        "parametres"),
                slip(
                        "a list of steps",
                        """
                        - route:
                            id: slip
                            from:
                              uri: direct:slip
                              steps:
                                - choice:
                                    otherwise:
                                      steps:
                                        - sendTo: log:a
                        """,
                        9,
                        "sendTo"),
                slip(
                        "an expression",
                        """
                        - route:
                            id: slip
                            from:
                              uri: direct:slip
                              steps:
                                - setBody:
                                    constant:
                                      expresion: x
                        """,
                        8,
                        "expresion"));
    }

    private static Arguments slip(String of, String text, int line, String key) {
        return Arguments.of(of, text, line, key);
    }

    @ParameterizedTest(name = "of {0}")
    @MethodSource("slips")
    void an_unknown_key_is_a_fault_with_its_line_in_every_place(String of, String text, int line, String key)
            throws IOException {
        assertFalse(schema.validate(YAML.readTree(text)).isEmpty(), "Camel's schema takes it");

        List<String> faults = faults(text);

        assertEquals(1, faults.size(), faults::toString);
        assertTrue(faults.get(0).startsWith(file() + ":" + line + ": "), faults::toString);
        assertTrue(faults.get(0).contains(key), faults::toString);
    }

    private List<String> faults(String text) {
        RouteSet.Text file = new RouteSet.Text("file:" + file(), text.getBytes(StandardCharsets.UTF_8));
        return RouteCheck.faults(
                new RouteSet(List.of(file), Map.of(), List.of()),
                folder.toString(),
                Settings.read(folder, Map.of(), new Properties()));
    }

    private Path file() {
        return folder.resolve("10-a.camel.yaml");
    }
}
