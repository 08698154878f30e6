package io.engagementwebhooks.contentsquare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.beans.Introspector;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.camel.catalog.CamelCatalog;
import org.apache.camel.catalog.DefaultCamelCatalog;
import org.junit.jupiter.api.Test;

/** What tools read of the component: the description in the jar, written by Camel's generator. */
class ContentsquareCatalogTest {

    private static final String DESCRIPTION = "/META-INF/io/engagementwebhooks/contentsquare/contentsquare.json";

    @Test
    void tools_find_the_component_in_the_jar() throws Exception {
        Properties components = new Properties();
        try (InputStream in = resource("/META-INF/services/org/apache/camel/component.properties")) {
            components.load(in);
        }

        assertTrue(
                Arrays.asList(components.getProperty("components").split(" ")).contains("contentsquare"));
    }

    @Test
    void every_option_is_described_for_endpoint_and_component() throws Exception {
        JsonNode description = description();

        for (String option : options()) {
            for (String kind : new String[] {"properties", "componentProperties"}) {
                JsonNode described = description.path(kind).path(option);
                assertFalse(described.path("description").asText().isBlank(), kind + " " + option);
            }
        }
    }

    @Test
    void the_documentation_names_every_option_and_header() throws Exception {
        String page = Files.readString(Path.of("src/main/docs/contentsquare-component.adoc"));

        for (String option : options()) {
            assertTrue(page.contains("| *" + option + "* "), option);
        }
        description()
                .path("headers")
                .fieldNames()
                .forEachRemaining(header -> assertTrue(page.contains("| `" + header + "`"), header));
    }

    @Test
    void only_the_secret_option_is_marked_secret() throws Exception {
        JsonNode description = description();

        for (String kind : new String[] {"properties", "componentProperties"}) {
            Set<String> secrets = new HashSet<>();
            description.path(kind).properties().forEach(option -> {
                if (option.getValue().path("secret").booleanValue()) {
                    secrets.add(option.getKey());
                }
            });
            assertEquals(Set.of("clientSecret"), secrets, kind);
        }
    }

    @Test
    void defaults_are_those_of_the_code() throws Exception {
        JsonNode properties = description().path("properties");
        ContentsquareConfiguration configuration = new ContentsquareConfiguration();

        assertEquals(
                configuration.getTokenUrl(),
                properties.at("/tokenUrl/defaultValue").asText());
        assertEquals(
                configuration.getEndpointSuffix(),
                properties.at("/endpointSuffix/defaultValue").asText());
        assertEquals(
                configuration.getRequestTimeout(),
                properties.at("/requestTimeout/defaultValue").asLong());
        assertEquals(
                configuration.getTokenTimeout(),
                properties.at("/tokenTimeout/defaultValue").asLong());
        assertEquals(
                configuration.getIntegrationVersion(),
                properties.at("/integrationVersion/defaultValue").asInt());
        assertEquals(
                configuration.getMethod(), properties.at("/method/defaultValue").asText());
        assertTrue(properties.at("/httpClient/autowired").booleanValue());
    }

    @Test
    void headers_have_camel_names_and_are_described() throws Exception {
        Set<String> headers = new TreeSet<>();
        description().path("headers").fieldNames().forEachRemaining(headers::add);

        assertEquals(
                new TreeSet<>(Set.of(
                        ContentsquareConstants.PROJECT_ID,
                        ContentsquareConstants.INTEGRATION_VERSION,
                        ContentsquareConstants.PATH,
                        ContentsquareConstants.METHOD,
                        ContentsquareConstants.REQUEST_HEADERS,
                        ContentsquareConstants.STATUS_CODE)),
                headers);
        assertTrue(headers.stream().allMatch(name -> name.startsWith("CamelContentsquare")));
    }

    @Test
    void camels_catalog_validates_endpoints() throws Exception {
        CamelCatalog catalog = new DefaultCamelCatalog();
        try (InputStream in = resource(DESCRIPTION)) {
            catalog.addComponent(
                    "contentsquare", ContentsquareComponent.class.getName(), new String(in.readAllBytes()));
        }

        assertTrue(catalog.validateEndpointProperties("contentsquare:enrichments?clientId=x&requestTimeout=5s")
                .isSuccess());
        assertFalse(catalog.validateEndpointProperties("contentsquare:enrichments?clientld=x")
                .isSuccess());
        assertFalse(catalog.validateEndpointProperties("contentsquare:sessions").isSuccess());
    }

    /** Names of all setters of the configuration. */
    private static Set<String> options() {
        Set<String> options = Arrays.stream(ContentsquareConfiguration.class.getDeclaredMethods())
                .map(Method::getName)
                .filter(name -> name.startsWith("set"))
                .map(name -> Introspector.decapitalize(name.substring(3)))
                .collect(Collectors.toSet());
        assertTrue(options.contains("endpointSuffix"), options.toString());
        return options;
    }

    private static JsonNode description() throws Exception {
        try (InputStream in = resource(DESCRIPTION)) {
            return Json.MAPPER.readTree(in);
        }
    }

    private static InputStream resource(String path) {
        return ContentsquareCatalogTest.class.getResourceAsStream(path);
    }
}
