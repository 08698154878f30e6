package io.engagementwebhooks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the page on concepts says of tests is so. */
class ConceptsPageTest {

    private static final Pattern PROMISE = Pattern.compile("(?m)^\\| (\\d+) `(\\w+)` \\|");
    private static final Pattern TEST = Pattern.compile("`(\\w+Test)`");

    private static String page() throws IOException {
        return Files.readString(Path.of("docs/concepts.md"));
    }

    @Test
    void each_promise_is_shown_by_a_test_of_its_name() throws IOException {
        Set<String> promised = PROMISE.matcher(page())
                .results()
                .map(found -> "promise_" + found.group(1) + "_" + found.group(2))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> tested = Arrays.stream(PromisesTest.class.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(Test.class))
                .map(method -> method.getName())
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(10, promised.size());
        assertEquals(promised, tested);
    }

    @Test
    void each_test_that_it_names_is_there() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            Set<String> classes = files.map(
                            file -> file.getFileName().toString().replace(".java", ""))
                    .collect(Collectors.toSet());
            TEST.matcher(page())
                    .results()
                    .map(found -> found.group(1))
                    .forEach(name -> assertTrue(classes.contains(name), name));
        }
    }
}
