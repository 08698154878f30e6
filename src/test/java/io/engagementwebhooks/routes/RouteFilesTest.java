package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.engagementwebhooks.contentsquare.ContentsquareComponent;
import io.engagementwebhooks.operate.Wiring;
import io.engagementwebhooks.outbox.OutboxComponent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.catalog.DefaultCamelCatalog;
import org.apache.camel.catalog.EndpointValidationResult;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What editors and tools can rely on in {@code routes/*.yaml}. */
class RouteFilesTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final String VERB_PHRASE = "[a-z0-9]+(-[a-z0-9]+)+";
    private static final DefaultCamelCatalog CATALOGUE = catalogue();

    /** Not kept any longer than this class runs: with all that it has learnt it takes some hundred megabytes. */
    private static JsonSchema schema;

    @BeforeAll
    static void readSchema() {
        schema = camelsSchema();
    }

    @AfterAll
    static void dropSchema() {
        schema = null;
    }

    static List<RouteFile> files() {
        return RouteFile.all();
    }

    @ParameterizedTest
    @MethodSource("files")
    void each_file_is_what_camels_schema_of_yaml_routes_asks_for(RouteFile file) {
        assertEquals(Set.of(), schema.validate(file.content()));
    }

    /** The template of a Kamelet is a route without the name of one. */
    @ParameterizedTest
    @MethodSource("examplesAndKamelets")
    void each_file_of_the_examples_and_each_kamelet_is_so_too(Path file) {
        JsonNode content = RouteFile.read(file).content();
        JsonNode routes = content.has("kind") ? JSON.createArrayNode().add(content.at("/spec/template")) : content;
        assertFalse(routes.isEmpty());
        assertEquals(Set.of(), schema.validate(routes));
    }

    static List<Path> examplesAndKamelets() throws IOException {
        try (Stream<Path> examples = Files.walk(Path.of("examples"));
                Stream<Path> kamelets = Files.list(Path.of("kamelet-catalog"))) {
            return Stream.concat(examples, kamelets)
                    .filter(file -> file.toString().matches(".*\\.(camel|kamelet)\\.yaml"))
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void each_option_of_each_endpoint_is_in_the_catalogue(RouteFile file) {
        for (JsonNode endpoint : file.endpoints()) {
            if (endpoint.get("uri").asText().startsWith("${")) {
                continue; // chosen for each message: toD
            }
            EndpointValidationResult result =
                    CATALOGUE.validateEndpointProperties(withParameters(endpoint), false, false, false);
            assertTrue(result.isSuccess(), () -> endpoint + "\n" + result.summaryErrorMessage(true));
        }
    }

    @Test
    void only_the_org_of_salesforce_and_a_destination_of_ones_own_are_chosen_for_each_message() {
        List<String> dynamic = files().stream()
                .flatMap(file -> file.endpoints().stream())
                .map(endpoint -> endpoint.get("uri").asText())
                .filter(uri -> uri.contains("${"))
                .toList();
        assertEquals(
                List.of(
                        "${exchangeProperty.salesforceOrg}:raw",
                        "direct:deliver-${exchangeProperty.webhookDestination}"),
                dynamic);
    }

    @ParameterizedTest
    @MethodSource("files")
    void options_stand_in_parameters_and_not_in_uris(RouteFile file) {
        file.endpoints()
                .forEach(endpoint -> assertFalse(endpoint.get("uri").asText().contains("?"), endpoint::toString));
    }

    @ParameterizedTest
    @MethodSource("files")
    void each_route_has_an_id_a_room_and_a_description(RouteFile file) {
        assertFalse(file.routes().isEmpty());
        for (JsonNode route : file.routes()) {
            assertTrue(route.path("id").asText().matches(VERB_PHRASE), route::toString);
            assertTrue(
                    Set.of("ingest", "deliver", "record", "maintenance")
                            .contains(route.path("group").asText()),
                    route::toString);
            assertTrue(route.path("description").asText().length() > 20, route::toString);
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void each_step_has_an_id_that_is_a_verb_phrase(RouteFile file) {
        assertFalse(file.steps().isEmpty());
        file.steps().forEach(step -> assertTrue(step.id().matches(VERB_PHRASE), step::toString));
    }

    @Test
    void ids_stand_once_over_all_files() {
        Map<String, RouteFile> seen = new HashMap<>();
        for (RouteFile file : files()) {
            file.steps().forEach(step -> assertOnce(step.id(), file, seen));
            file.routes().forEach(route -> assertOnce(route.get("id").asText(), file, seen));
        }
    }

    private static void assertOnce(String id, RouteFile file, Map<String, RouteFile> seen) {
        RouteFile other = seen.put(id, file);
        assertTrue(other == null, () -> "'" + id + "' is in " + file + " and in " + other);
    }

    @Test
    void routes_kamelets_and_examples_use_exactly_the_steps_there_are() throws IOException {
        Set<String> used = files().stream()
                .flatMap(file -> file.steps().stream())
                .map(step -> step.node().path("ref").asText())
                .filter(ref -> !ref.isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));
        try (Stream<Path> kamelets = Files.list(Path.of("kamelet-catalog"))) {
            kamelets.forEach(kamelet -> used.addAll(
                    RouteFile.read(kamelet).content().at("/spec/template").findValuesAsText("ref")));
        }
        for (Path file : examplesAndKamelets()) {
            used.addAll(RouteFile.read(file).content().findValuesAsText("ref"));
        }
        assertEquals(new TreeSet<>(Wiring.STEPS), used);
    }

    @Test
    void endpoints_use_exactly_the_clients_there_are() {
        Set<String> used = files().stream()
                .flatMap(file -> file.endpoints().stream())
                .flatMap(endpoint -> endpoint.path("parameters").valueStream())
                .map(JsonNode::asText)
                .filter(value -> value.startsWith("#"))
                .map(value -> value.substring(1))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(new TreeSet<>(Wiring.CLIENTS), used);
    }

    @Test
    void each_direct_endpoint_has_one_route_and_a_person_who_sends_to_it() {
        Set<String> from = files().stream()
                .flatMap(file -> file.routes().stream())
                .map(route -> route.path("from").path("uri").asText())
                .filter(uri -> uri.startsWith("direct:"))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> to = files().stream()
                .flatMap(file -> file.steps().stream())
                .filter(step -> step.kind().equals("to"))
                .map(step -> step.node().path("uri").asText())
                .filter(uri -> uri.startsWith("direct:"))
                .collect(Collectors.toCollection(TreeSet::new));
        // batches are sent to it by the step that gathers them
        to.add("direct:send-enrichments");
        to.add("direct:write-records");
        // a destination that webhooks name
        to.add("direct:deliver-email");
        to.add("direct:deliver-kamelet");
        assertEquals(from, to);
    }

    @Test
    void files_are_numbered_in_the_order_of_the_flow() {
        List<String> rooms = files().stream()
                .flatMap(file -> file.routes().stream())
                .map(route -> route.path("group").asText())
                .distinct()
                .toList();
        assertEquals(List.of("ingest", "deliver", "record", "maintenance"), rooms);
        files().forEach(file -> assertTrue(file.name().matches("\\d\\d-[a-z0-9-]+\\.camel\\.yaml"), file::name));
    }

    private static RouteFile read(String name) {
        return RouteFile.read(RouteFile.FOLDER.resolve(name));
    }

    private static String withParameters(JsonNode endpoint) {
        String query = endpoint.path("parameters").properties().stream()
                .map(parameter ->
                        parameter.getKey() + "=" + encoded(parameter.getValue().asText()))
                .collect(Collectors.joining("&"));
        String uri = endpoint.get("uri").asText();
        return query.isEmpty() ? uri : uri + "?" + query;
    }

    /** Placeholders stay as they are: the catalogue knows them. */
    private static String encoded(String value) {
        return value.startsWith("{{") || value.startsWith("#")
                ? value
                : URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    private static JsonSchema camelsSchema() {
        try (InputStream in = RouteFilesTest.class.getResourceAsStream("/schema/camelYamlDsl.json")) {
            return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4).getSchema(JSON.readTree(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static DefaultCamelCatalog catalogue() {
        DefaultCamelCatalog catalogue = new DefaultCamelCatalog();
        catalogue.addComponent("outbox", OutboxComponent.class.getName(), description("outbox"));
        catalogue.addComponent("contentsquare", ContentsquareComponent.class.getName(), description("contentsquare"));
        return catalogue;
    }

    private static String description(String component) {
        Path file = Path.of("src/generated/resources/META-INF/io/engagementwebhooks", component, component + ".json");
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
