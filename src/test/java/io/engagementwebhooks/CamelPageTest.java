package io.engagementwebhooks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.operate.Version;
import io.engagementwebhooks.testkit.Documented;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The blocks of docs/camel.md are parts of the examples, whose tests run them. */
class CamelPageTest {

    private static final Documented PAGE = Documented.page(Path.of("docs/camel.md"));
    private static final Path EMBEDDING = Path.of("examples/embedding");

    @Test
    void the_dependency_is_that_of_the_example_and_of_this_version() throws IOException {
        String dependency = PAGE.blocks("xml").stream()
                .filter(block -> block.startsWith("<dependency>"))
                .findFirst()
                .orElseThrow();

        assertTrue(inOneLine(Files.readString(EMBEDDING.resolve("pom.xml"))).contains(inOneLine(dependency)));
        assertTrue(dependency.contains("<version>" + Version.TEXT + "</version>"));
    }

    @Test
    void the_call_is_that_of_the_example() throws IOException {
        String app = Files.readString(EMBEDDING.resolve("src/main/java/com/example/App.java"));

        assertTrue(PAGE.blocks("java").get(0).lines().limit(2).allMatch(app::contains));
    }

    @Test
    void the_source_is_that_of_the_example() throws IOException {
        assertEquals(
                Files.readString(Path.of("examples/own-source/routes/15-take-files.camel.yaml")),
                PAGE.blocks("yaml").get(0));
    }

    @Test
    void the_steps_that_note_an_outcome_are_those_of_the_example() throws IOException {
        String route = Files.readString(Path.of("examples/jms-and-sql/routes/36-deliver-queue.camel.yaml"));

        assertTrue(PAGE.blocks("yaml").stream()
                .anyMatch(block -> block.contains("noteDelivered") && route.contains(block)));
    }

    private static String inOneLine(String text) {
        return text.replaceAll("\\s+", " ").strip();
    }
}
