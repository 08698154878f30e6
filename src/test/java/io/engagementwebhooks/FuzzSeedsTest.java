package io.engagementwebhooks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The fuzzer finds seeds by the name of their test; after a renaming it would silently use none. */
class FuzzSeedsTest {

    private static final Path RESOURCES = Path.of("src/test/resources");
    private static final String INPUTS = "Inputs";

    @Test
    void each_folder_of_seeds_belongs_to_a_test() throws IOException {
        List<Path> folders;
        try (Stream<Path> all = Files.walk(RESOURCES)) {
            folders = all.filter(path -> path.getParent().toString().endsWith("FuzzTest" + INPUTS))
                    .toList();
        }
        assertEquals(3, folders.size());
        for (Path folder : folders) {
            String inputs = RESOURCES.relativize(folder.getParent()).toString();
            Path test = Path.of("src/test/java", inputs.substring(0, inputs.length() - INPUTS.length()) + ".java");
            String method = "void " + folder.getFileName() + "(";
            assertEquals(
                    List.of(), Files.readString(test).contains(method) ? List.of() : List.of(method), test::toString);
        }
    }
}
