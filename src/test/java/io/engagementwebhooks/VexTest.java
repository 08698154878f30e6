package io.engagementwebhooks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** deploy/vex.cdx.json is about the libraries that are in the jar, and the tests that it names are there. */
class VexTest {

    private static final JsonNode VEX = read();
    private static final String TEST = "io.engagementwebhooks:test";
    private static final Pattern PURL = Pattern.compile("pkg:maven/([^/]+)/([^@]+)@([^?]+)");

    private static JsonNode read() {
        try {
            return new ObjectMapper().readTree(Path.of("deploy", "vex.cdx.json").toFile());
        } catch (IOException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    static Stream<JsonNode> advisories() {
        return VEX.get("vulnerabilities").valueStream();
    }

    static Stream<JsonNode> components() {
        return VEX.get("components").valueStream();
    }

    @ParameterizedTest
    @MethodSource("advisories")
    void each_advisory_names_tests_and_these_are_there(JsonNode advisory) throws IOException {
        List<String> tests = advisory.get("properties")
                .valueStream()
                .filter(property -> property.get("name").asText().equals(TEST))
                .map(property -> property.get("value").asText())
                .toList();
        assertFalse(tests.isEmpty());
        for (String test : tests) {
            assertTrue(exists(test), test);
        }
    }

    @Test
    void a_test_that_is_not_there_would_be_found() throws IOException {
        assertFalse(exists("NoSuchTest#no_such_method"));
        assertFalse(exists("VexTest#no_such_method"));
    }

    /** @param test a class and a method, with {@code #} between them */
    private static boolean exists(String test) throws IOException {
        String[] parts = test.split("#");
        try (Stream<Path> files = Files.walk(Path.of("src", "test", "java"))) {
            Optional<Path> file =
                    files.filter(each -> each.endsWith(parts[0] + ".java")).findFirst();
            return file.isPresent() && Files.readString(file.get()).contains("void " + parts[1] + "(");
        }
    }

    /** What is on the class path has been resolved by the pom. */
    @ParameterizedTest
    @MethodSource("components")
    void each_component_has_the_version_that_the_pom_resolves(JsonNode component) {
        Matcher purl = PURL.matcher(component.get("purl").asText());
        assertTrue(purl.matches(), component::toString);
        assertEquals(component.get("group").asText(), purl.group(1));
        assertEquals(component.get("name").asText(), purl.group(2));
        assertEquals(component.get("version").asText(), purl.group(3));
        String jar = purl.group(2) + "-" + purl.group(3) + ".jar";
        assertTrue(
                Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                        .anyMatch(path -> path.endsWith(File.separator + jar)),
                () -> jar + " is not what is resolved");
    }

    @Test
    void advisories_are_of_the_components_and_say_why() {
        Set<String> known =
                components().map(each -> each.get("bom-ref").asText()).collect(Collectors.toSet());
        Set<String> affected = new TreeSet<>();
        advisories().forEach(advisory -> {
            advisory.get("affects").forEach(each -> affected.add(each.get("ref").asText()));
            JsonNode analysis = advisory.get("analysis");
            assertEquals(
                    analysis.get("state").asText().equals("not_affected"),
                    analysis.has("justification"),
                    advisory::toString);
            assertTrue(analysis.get("detail").asText().length() > 20, advisory::toString);
        });
        assertEquals(new TreeSet<>(known), affected);
    }
}
