package io.engagementwebhooks.operate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.testkit.Documented;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What users edit, as the jar carries it. */
class BundledDefaultsTest {

    @TempDir
    Path folder;

    @Test
    void the_names_in_a_jar_are_those_of_its_defaults_and_kamelets() throws IOException {
        Path jar = folder.resolve("product.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            for (String name : List.of(
                    "io/engagementwebhooks/defaults/",
                    "io/engagementwebhooks/defaults/routes/10.camel.yaml",
                    "io/engagementwebhooks/defaults/application.properties",
                    "kamelets/",
                    "kamelets/a-sink.kamelet.yaml",
                    "routes/other")) {
                out.putNextEntry(new JarEntry(name));
                out.closeEntry();
            }
        }
        URI one = URI.create("jar:" + jar.toUri() + "!/io/engagementwebhooks/defaults/application.properties");
        assertEquals(
                List.of("application.properties", "kamelet-catalog/a-sink.kamelet.yaml", "routes/10.camel.yaml"),
                BundledDefaults.names(one.toURL()));
    }

    /** As the first page says, in the folder of webhooks.yaml. */
    @Test
    void the_schema_of_the_first_page_is_written() throws IOException {
        String line = Documented.page(Path.of("README.md"))
                .blocks("yaml")
                .get(0)
                .lines()
                .findFirst()
                .orElseThrow();
        String named = line.replace("# yaml-language-server: $schema=", "");

        BundledDefaults.write(folder.resolve("defaults"));

        assertEquals(Files.readString(Path.of("docs/webhooks.schema.json")), Files.readString(folder.resolve(named)));
    }

    @Test
    void the_names_are_the_same_where_the_product_runs_from_its_classes() throws IOException {
        List<String> names = BundledDefaults.names();
        assertEquals(names.stream().sorted().toList(), names);
        assertEquals(
                true,
                names.containsAll(List.of(
                        "application.properties",
                        "kamelet-catalog/webhook-lookup-action.kamelet.yaml",
                        "routes/10-ingest.camel.yaml")));
    }
}
