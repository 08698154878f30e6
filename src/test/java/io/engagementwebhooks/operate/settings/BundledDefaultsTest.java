package io.engagementwebhooks.operate.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.testkit.Documented;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What users edit, as the jar carries it. */
class BundledDefaultsTest {

    @TempDir
    Path folder;

    @Test
    void the_list_names_every_file_that_users_edit() throws IOException {
        Set<String> files = new TreeSet<>(Set.of("application.properties", "webhooks.schema.json"));
        for (String each : List.of("routes", "kamelet-catalog")) {
            try (Stream<Path> found = Files.walk(Path.of(each))) {
                found.filter(Files::isRegularFile).map(Path::toString).forEach(files::add);
            }
        }
        assertEquals(List.copyOf(files), BundledDefaults.names(), "list the files in src/main/resources/defaults.txt");
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
}
