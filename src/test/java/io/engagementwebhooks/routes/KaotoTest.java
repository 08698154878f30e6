package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.testkit.Tools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.camel.catalog.DefaultCamelCatalog;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.RoutesDefinition;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Routes, Kamelets and Pipes are written as Kaoto writes them, so that saving one there changes only what was edited. */
@Timeout(300)
class KaotoTest {

    private static final Path NODE = Path.of("src/test/node-kaoto");
    private static final DefaultCamelCatalog CATALOGUE = new DefaultCamelCatalog();

    /** Those whose short form is the text alone; {@code ref} is an option of other steps too. */
    private static final Set<String> LANGUAGES = new TreeSet<>(CATALOGUE.findLanguageNames());

    static {
        LANGUAGES.remove("ref");
    }

    @TempDir
    Path folder;

    static List<Path> files() {
        return Stream.of("routes", "kamelet-catalog", "examples", "deploy/camel-k")
                .flatMap(KaotoTest::in)
                .filter(file -> file.toString().matches(".*\\.(camel|kamelet)\\.yaml"))
                .sorted()
                .toList();
    }

    private static Stream<Path> in(String folder) {
        try (Stream<Path> files = Files.walk(Path.of(folder))) {
            return files.toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** By Kaoto's own code: {@code save.mjs} there opens and saves each of the files that it is given. */
    @Tag("polyglot")
    @Test
    void kaoto_saves_each_file_as_it_is() throws Exception {
        Tools.assume("npm");
        for (String name : List.of("package.json", "package-lock.json", "save.mjs")) {
            Files.copy(NODE.resolve(name), folder.resolve(name));
        }
        Tools.run(folder, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
        List<String> command = new ArrayList<>(List.of("node", "save.mjs"));
        for (Path file : files()) {
            Files.createDirectories(folder.resolve(file).getParent());
            Files.copy(file, folder.resolve(file));
            command.add(file.toString());
        }
        Tools.run(folder, command.toArray(String[]::new));

        for (Path file : files()) {
            assertEquals(Files.readString(folder.resolve(file)), Files.readString(file), file::toString);
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void no_step_expression_or_endpoint_is_written_in_a_short_form(Path file) {
        JsonNode content = RouteFile.read(file).content();
        assertEquals(List.of(), shortForms(content.has("kind") ? content.at("/spec/template") : content));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "steps: [{to: 'direct:x'}]",
                "steps: [{to: {uri: 'direct:x'}}]",
                "steps: [{stop: {id: a, description: b}, log: {id: c, message: d}}]",
                "steps: [{setBody: {id: a, simple: '${body}'}}]",
                "steps: [{choice: {id: a, when: [{simple: {expression: b}}]}}]",
                "steps: [{choice: {id: a, otherwise: {steps: []}}}]",
                "uri: direct:x?block=false",
                "{uri: 'direct:x', parameters: block=false}"
            })
    void a_short_form_would_be_found(String yaml) throws IOException {
        Path file = folder.resolve("short.camel.yaml");
        Files.writeString(file, yaml);
        assertEquals(1, shortForms(RouteFile.read(file).content()).size());
    }

    private static List<String> shortForms(JsonNode node) {
        List<String> found = new ArrayList<>();
        collect(node, found);
        return found;
    }

    private static void collect(JsonNode node, List<String> found) {
        node.properties().forEach(member -> {
            String name = member.getKey();
            JsonNode value = member.getValue();
            boolean whole =
                    switch (name) {
                        case "steps" -> areSteps(value);
                        case "when", "doCatch" -> haveIds(value);
                        case "otherwise", "onFallback", "doFinally" -> hasId(value);
                        case "uri" -> !value.asText().contains("?");
                        case "parameters" -> value.isObject();
                        default -> !LANGUAGES.contains(name) || value.has("expression");
                    };
            if (!whole) {
                found.add(name + ": " + value);
            } else if (!name.equals("parameters")) {
                collect(value, found);
            }
        });
        if (node.isArray()) {
            node.forEach(element -> collect(element, found));
        }
    }

    private static boolean areSteps(JsonNode steps) {
        return steps.valueStream()
                .allMatch(step -> step.size() == 1 && hasId(step.iterator().next()));
    }

    private static boolean haveIds(JsonNode branches) {
        return branches.valueStream().allMatch(KaotoTest::hasId);
    }

    private static boolean hasId(JsonNode node) {
        return node.path("id").isTextual();
    }

    /** Of a step that is edited, Kaoto takes the path out of the address: {@code uri: direct, parameters: {name: …}}. */
    @ParameterizedTest
    @MethodSource("routes")
    void an_endpoint_that_was_edited_there_is_the_same_to_camel(Path file) throws Exception {
        JsonNode content = RouteFile.read(file).content();
        String before = loaded(content);
        int edited = 0;
        for (JsonNode endpoint : content.findParents("uri")) {
            edited += edit((ObjectNode) endpoint) ? 1 : 0;
        }
        assertTrue(edited > 0);
        assertEquals(before, loaded(content));
    }

    static List<Path> routes() {
        return files().stream().filter(file -> file.startsWith("routes")).toList();
    }

    private static String loaded(JsonNode content) throws Exception {
        try (DefaultCamelContext camel = new DefaultCamelContext()) {
            PluginHelper.getRoutesLoader(camel)
                    .loadRoutes(ResourceHelper.fromString("edited.camel.yaml", content.toString()));
            RoutesDefinition routes = new RoutesDefinition();
            routes.setRoutes(camel.getRouteDefinitions());
            return PluginHelper.getModelToXMLDumper(camel).dumpModelAsXml(camel, routes);
        }
    }

    private static boolean edit(ObjectNode endpoint) throws Exception {
        String uri = endpoint.get("uri").asText();
        String scheme = uri.substring(0, uri.indexOf(':'));
        if (!CATALOGUE.findComponentNames().contains(scheme)) {
            return false; // ours, which Kaoto does not know
        }
        ObjectNode parameters = endpoint.withObject("/parameters");
        CATALOGUE.endpointProperties(uri).forEach(parameters::put);
        endpoint.put("uri", scheme);
        return true;
    }
}
