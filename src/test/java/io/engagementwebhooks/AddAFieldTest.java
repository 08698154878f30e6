package io.engagementwebhooks;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.Documented;
import io.engagementwebhooks.testkit.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The example of docs/internals/add-a-field.md is added to a copy of the sources, which is compiled and tested. */
@Tag("slow")
@DisabledOnOs(OS.WINDOWS)
class AddAFieldTest {

    private static final Documented PAGE = Documented.page(Path.of("docs/internals/add-a-field.md"));
    private static final Path API = Path.of("docs/openapi.yaml");

    @TempDir
    Path copy;

    @Test
    void the_diffs_of_the_page_add_a_field_that_works() throws Exception {
        Tools.assume("git");
        Tools.run(copy, copySources());
        Files.writeString(copy.resolve("page.diff"), String.join("", PAGE.blocks("diff")));
        Tools.run(copy, "git", "apply", "page.diff");
        Tools.run(
                copy,
                "./mvnw",
                "-B",
                "-q",
                "-o",
                "-Dmaven.repo.local=" + System.getProperty("localRepository"),
                "-Dreference.write=true",
                "-Dtest=AttemptHeaderTest,BuilderPageTest,ExampleTest,MessagesTest,OpenApiDefinitionsTest,SchemaTest",
                "test");
        assertTrue(Files.readString(copy.resolve(API)).contains(" sendAttempt: {"));
    }

    private static String[] copySources() throws IOException {
        List<String> command = new ArrayList<>(List.of("cp", "-r"));
        try (Stream<Path> all = Files.list(Path.of("").toAbsolutePath())) {
            all.filter(each -> !Set.of(".git", "target")
                            .contains(each.getFileName().toString()))
                    .forEach(each -> command.add(each.toString()));
        }
        command.add(".");
        return command.toArray(String[]::new);
    }
}
