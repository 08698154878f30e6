package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.operate.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.builder.ExchangeBuilder;
import org.apache.camel.component.kamelet.KameletComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code kamelet-catalog/}: each Kamelet keeps the rules of Camel's own catalogue, and routes can use it. */
class KameletCatalogTest {

    private static final Path FOLDER = Path.of("kamelet-catalog");
    private static final String SUFFIX = ".kamelet.yaml";
    private static final String PREFIX = "camel.apache.org/";

    static List<Path> kamelets() {
        try (Stream<Path> own = Files.list(FOLDER);
                Stream<Path> example = Files.list(Path.of("examples/add-a-destination/kamelet-catalog"))) {
            return Stream.concat(own, example).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
        assertTrue(title.toLowerCase(java.util.Locale.ROOT).endsWith(" " + type), title);
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
    }

    @ParameterizedTest
    @MethodSource("kamelets")
    void each_property_is_described_and_used_and_none_other_is(Path file) {
        JsonNode kamelet = RouteFile.read(file).content();
        Set<String> declared = new TreeSet<>();
        kamelet.at("/spec/definition/properties").properties().forEach(property -> {
            declared.add(property.getKey());
            assertFalse(property.getValue().path("title").asText().isBlank());
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
        kamelet.at("/spec/definition/required").forEach(name -> assertTrue(declared.contains(name.asText())));
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

    @ParameterizedTest
    @ValueSource(strings = {"file:kamelet-catalog", "classpath:defaults/kamelet-catalog"})
    void clean_headers_lets_through_what_it_is_told_to_and_nothing_else(String location) throws Exception {
        assertTrue(setting().contains(location), "the product looks there");
        assertOnlyTwoHeadersStay(location);
    }

    @Test
    void the_products_own_setting_finds_it() throws Exception {
        assertOnlyTwoHeadersStay(setting());
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
