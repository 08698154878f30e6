package io.engagementwebhooks.deliver.kamelet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.Documented;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The documented command that fetches the component of a Kamelet. */
@Tag("slow")
@Timeout(300)
class FetchedComponentTest {

    private static final Documented PAGE = Documented.page(Path.of("docs/camel.md"));

    @Test
    void the_command_fills_an_empty_lib_with_all_that_the_kamelet_needs(@TempDir Path folder) throws Exception {
        Path lib = Files.createDirectory(folder.resolve("lib"));
        String pom = PAGE.blocks("xml").stream()
                .filter(block -> block.startsWith("<project>"))
                .findFirst()
                .orElseThrow();
        Files.writeString(lib.resolve("pom.xml"), pom);
        KameletDefinition sink;
        try (InputStream in = getClass().getResourceAsStream("/kamelets/aws-sqs-sink.kamelet.yaml")) {
            sink = KameletDefinition.parse("aws-sqs-sink", in.readAllBytes());
        }
        assertEquals(
                Optional.of("org.apache.camel:camel-aws2-sqs:4.18.0"),
                sink.missing(ClassLoader.getPlatformClassLoader()));

        String mvnw = Path.of("mvnw").toAbsolutePath().toString();
        PAGE.run(folder, "run: fetch-component", Map.of("mvn ", mvnw + " -B "));

        try (Stream<Path> files = Files.list(lib)) {
            URL[] jars = files.filter(file -> file.toString().endsWith(".jar"))
                    .map(FetchedComponentTest::url)
                    .toArray(URL[]::new);
            assertTrue(jars.length > 20, jars.length + " jars");
            try (URLClassLoader loader = new URLClassLoader(jars, ClassLoader.getPlatformClassLoader())) {
                assertEquals(Optional.empty(), sink.missing(loader));
                assertNotNull(loader.loadClass("org.apache.camel.component.aws2.sqs.Sqs2Producer")
                        .getDeclaredConstructors());
            }
        }
    }

    private static URL url(Path file) {
        try {
            return file.toUri().toURL();
        } catch (java.net.MalformedURLException e) {
            throw new AssertionError(e);
        }
    }
}
