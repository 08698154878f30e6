package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.operate.Version;
import io.engagementwebhooks.operate.Wiring;
import io.engagementwebhooks.operate.settings.Settings;
import io.engagementwebhooks.testkit.CamelKDefinitions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.builder.ExchangeBuilder;
import org.apache.camel.catalog.DefaultCamelCatalog;
import org.apache.camel.component.kamelet.KameletComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.v1.Kamelet;
import org.apache.camel.v1.Pipe;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;

/** {@code kamelet-catalog/}: each Kamelet keeps the rules of Camel's own catalogue, and routes can use it. */
class KameletCatalogTest {

    private static final Path FOLDER = Path.of("kamelet-catalog");
    private static final String SUFFIX = ".kamelet.yaml";
    private static final String PREFIX = "camel.apache.org/";
    private static final ObjectMapper STRICT =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    static List<Path> kamelets() {
        try (Stream<Path> own = Files.list(FOLDER);
                Stream<Path> examples = Files.walk(Path.of("examples"))) {
            return Stream.concat(own, examples)
                    .filter(file -> file.toString().endsWith(SUFFIX))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void the_catalogue_is_what_integration_engineers_look_for() {
        assertEquals(
                List.of(
                        "authorization-header-sink",
                        "clean-headers-action",
                        "contentsquare-enrichment-sink",
                        "engagement-event-kafka-source",
                        "engagement-event-sink",
                        "engagement-event-source",
                        "oauth2-sink",
                        "salesforce-call-sink",
                        "sign-webhook-action",
                        "webhook-lookup-action"),
                kamelets().stream()
                        .filter(file -> file.startsWith(FOLDER))
                        .map(file -> file.getFileName().toString().replace(SUFFIX, ""))
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("kamelets")
    void name_file_type_and_title_agree(Path file) {
        JsonNode kamelet = RouteFile.read(file).content();
        String name = kamelet.at("/metadata/name").asText();
        assertEquals(name + SUFFIX, file.getFileName().toString());
        String type =
                kamelet.at("/metadata/labels").path(PREFIX + "kamelet.type").asText();
        assertTrue(Set.of("source", "sink", "action").contains(type), type);
        assertTrue(name.endsWith("-" + type));
        String title = kamelet.at("/spec/definition/title").asText();
        assertTrue(title.endsWith(" " + type.substring(0, 1).toUpperCase(Locale.ROOT) + type.substring(1)), title);
        assertFalse(kamelet.at("/spec/definition/description").asText().isBlank());
        assertEquals("object", kamelet.at("/spec/definition/type").asText());
        assertEquals("camel.apache.org/v1", kamelet.at("/apiVersion").asText());
        assertEquals("Kamelet", kamelet.at("/kind").asText());
        for (String annotation : List.of(
                "kamelet.icon",
                "catalog.version",
                "provider",
                "kamelet.support.level",
                "kamelet.group",
                "kamelet.namespace")) {
            assertFalse(
                    kamelet.at("/metadata/annotations")
                            .path(PREFIX + annotation)
                            .asText()
                            .isBlank(),
                    annotation);
        }
        assertEquals(
                "Engagement Webhooks",
                kamelet.at("/metadata/annotations").path(PREFIX + "provider").asText());
        assertTrue(Set.of("Stable", "Preview")
                .contains(kamelet.at("/metadata/annotations")
                        .path(PREFIX + "kamelet.support.level")
                        .asText()));
    }

    /** But for the patch, by which Camel is raised without a change of files. */
    @ParameterizedTest
    @MethodSource("kamelets")
    void the_catalogues_version_is_that_of_camel(Path file) {
        assertEquals(
                minor(new DefaultCamelCatalog().getCatalogVersion()),
                minor(RouteFile.read(file)
                        .content()
                        .at("/metadata/annotations")
                        .path(PREFIX + "catalog.version")
                        .asText()));
    }

    private static String minor(String version) {
        Matcher parts = Pattern.compile("(\\d+\\.\\d+)\\.\\d+.*").matcher(version);
        assertTrue(parts.matches(), version);
        return parts.group(1);
    }

    @ParameterizedTest
    @MethodSource("kamelets")
    void its_icon_is_a_picture(Path file) throws Exception {
        String icon = RouteFile.read(file)
                .content()
                .at("/metadata/annotations")
                .path(PREFIX + "kamelet.icon")
                .asText();
        String start = "data:image/svg+xml;base64,";
        assertTrue(icon.startsWith(start), icon);
        byte[] picture = Base64.getDecoder().decode(icon.substring(start.length()));
        Element root = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(picture))
                .getDocumentElement();
        assertEquals("svg", root.getTagName());
    }

    /** Without one property too many: what the operator of Camel K would drop or refuse. */
    @ParameterizedTest
    @MethodSource("kamelets")
    void it_is_a_kamelet_as_its_custom_resource_definition_says(Path file) throws Exception {
        JsonNode content = RouteFile.read(file).content();
        assertEquals(Set.of(), CamelKDefinitions.faults("kamelets", content));
        Kamelet kamelet = STRICT.readValue(content.toString(), Kamelet.class);

        assertEquals(file.getFileName().toString(), kamelet.getMetadata().getName() + SUFFIX);
        assertFalse(kamelet.getSpec().getDependencies().isEmpty());
    }

    @ParameterizedTest
    @MethodSource("pipes")
    void a_pipe_is_one_as_its_custom_resource_definition_says(Path file) throws Exception {
        JsonNode content = RouteFile.read(file).content();
        assertEquals(Set.of(), CamelKDefinitions.faults("pipes", content));
        Pipe pipe = STRICT.readValue(content.toString(), Pipe.class);

        assertEquals(file.getFileName().toString(), pipe.getMetadata().getName() + ".yaml");
    }

    static List<Path> pipes() {
        try (Stream<Path> files = Files.list(Path.of("src/test/resources/pipes"))) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("kamelets")
    void each_property_is_described_and_used_and_none_other_is(Path file) {
        JsonNode kamelet = RouteFile.read(file).content();
        Set<String> declared = new TreeSet<>();
        kamelet.at("/spec/definition/properties").properties().forEach(property -> {
            declared.add(property.getKey());
            String title = property.getValue().path("title").asText();
            assertTrue(title.matches("[A-Z0-9]\\S*( [A-Z0-9]\\S*)*"), title);
            assertFalse(title.matches("(The|A|An) .*"), title);
            assertFalse(property.getValue().path("description").asText().isBlank());
            assertFalse(property.getValue().path("type").asText().isBlank());
            assertEquals(
                    property.getValue().path("format").asText().equals("password"),
                    property.getValue().path("x-descriptors").toString().contains("urn:camel:group:credentials"));
        });
        Set<String> used = Pattern.compile("\\{\\{\\??([\\w.-]+)(:[^}]*)?}}")
                .matcher(kamelet.at("/spec/template").toString())
                .results()
                .map((MatchResult match) -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(declared, used);
        List<String> required = new ArrayList<>();
        kamelet.at("/spec/definition/required").forEach(name -> required.add(name.asText()));
        assertTrue(declared.containsAll(required));
        assertEquals(required.size(), Set.copyOf(required).size());
    }

    @ParameterizedTest
    @MethodSource("kamelets")
    void no_property_takes_a_secret_and_what_may_be_left_out_has_a_default(Path file) {
        JsonNode definition = RouteFile.read(file).content().at("/spec/definition");
        Set<String> required = new TreeSet<>();
        definition.path("required").forEach(name -> required.add(name.asText()));
        definition.path("properties").properties().forEach(property -> {
            assertFalse(property.getValue().path("format").asText().equals("password"), property::getKey);
            assertFalse(property.getKey().matches("(?i).*(password|secret|token|key|credential).*"), property::getKey);
            assertTrue(
                    required.contains(property.getKey()) != property.getValue().has("default"), property::getKey);
        });
    }

    @ParameterizedTest
    @MethodSource("kamelets")
    void it_begins_or_ends_where_its_type_says(Path file) {
        JsonNode kamelet = RouteFile.read(file).content();
        String template = kamelet.at("/spec/template").toString();
        boolean source = file.toString().endsWith("-source" + SUFFIX);
        assertEquals(source, template.contains("kamelet:sink"));
        assertEquals(!source, kamelet.at("/spec/template/from/uri").asText().equals("kamelet:source"));
        kamelet.at("/spec/dependencies")
                .forEach(dependency -> assertTrue(dependency.asText().matches("(camel|mvn):.+"), dependency::asText));
    }

    /** By it Camel K and the Camel CLI find the step. */
    @ParameterizedTest
    @MethodSource("kamelets")
    void one_that_names_a_step_of_ours_depends_on_our_artifact_of_this_version(Path file) {
        JsonNode spec = RouteFile.read(file).content().get("spec");
        boolean isOurs = spec.get("template").findValuesAsText("ref").stream().anyMatch(Wiring.STEPS::contains);
        List<String> dependencies = new ArrayList<>();
        spec.get("dependencies").forEach(dependency -> dependencies.add(dependency.asText()));
        assertEquals(
                isOurs,
                dependencies.contains("mvn:io.engagementwebhooks:engagement-webhooks:" + Version.TEXT),
                dependencies::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:kamelet-catalog", "classpath:kamelets"})
    void clean_headers_lets_through_what_is_listed_and_nothing_else(String location) throws Exception {
        assertTrue(setting().contains(location), "the product looks there");
        assertOnlyTwoHeadersStay(location);
    }

    /** Those options decide whether an event may be lost. */
    @Test
    void the_kafka_source_reads_with_the_options_of_the_products_own_route() {
        ObjectNode ofKamelet = RouteFile.read(FOLDER.resolve("engagement-event-kafka-source" + SUFFIX))
                .content()
                .at("/spec/template/from/parameters")
                .deepCopy();
        ObjectNode ofRoute = RouteFile.read(RouteFile.FOLDER.resolve("11-ingest-kafka.camel.yaml"))
                .content()
                .at("/0/route/from/parameters")
                .deepCopy();
        Set<String> ofProperties = Set.of("brokers", "groupId");
        assertEquals(ofRoute.remove(ofProperties), ofKamelet.remove(ofProperties));
    }

    private static void assertOnlyTwoHeadersStay(String location) throws Exception {
        CamelContext camel = camel(location);
        try {
            assertOnlyTwoHeadersStay(camel);
        } finally {
            camel.stop();
        }
    }

    private static void assertOnlyTwoHeadersStay(CamelContext camel) {
        Map<String, Object> sent = new TreeMap<>(Map.of(
                "content-type", "application/json",
                "webhook-id", "msg_1",
                "webhook-id-2", "x",
                "Authorization", "Bearer secret",
                "CamelHttpUri", "http://elsewhere",
                "sObjectName", "Lead"));
        Exchange exchange = ExchangeBuilder.anExchange(camel).withBody("kept").build();
        exchange.getIn().setHeaders(sent);
        Exchange cleaned = camel.createProducerTemplate().send("direct:clean-headers", exchange);
        assertEquals(
                Map.of("content-type", "application/json", "webhook-id", "msg_1"),
                cleaned.getMessage().getHeaders());
        assertEquals("kept", cleaned.getMessage().getBody());
    }

    private static CamelContext camel(String location) throws Exception {
        CamelContext camel = new DefaultCamelContext();
        camel.getComponent("kamelet", KameletComponent.class).setLocation(location);
        PluginHelper.getRoutesLoader(camel)
                .loadRoutes(PluginHelper.getResourceLoader(camel)
                        .resolveResource("classpath:routes/clean-headers.camel.yaml"));
        camel.start();
        return camel;
    }

    private static String setting() {
        return Settings.read(Path.of("target"), Map.of(), new Properties()).text("camel.component.kamelet.location");
    }
}
