package io.engagementwebhooks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The guarantees in docs/delivery.md are the tests of {@link PromisesTest}. */
class GuaranteesPageTest {

    private static final Pattern PROMISE = Pattern.compile("(?m)^\\| (\\d+)\\. ([\\w ]+) \\|");

    @Test
    void each_guarantee_has_a_test_of_its_name_and_each_test_a_guarantee() throws IOException {
        Set<String> promised = PROMISE.matcher(Files.readString(Path.of("docs/delivery.md")))
                .results()
                .map(found -> "promise_" + found.group(1) + "_"
                        + found.group(2).toLowerCase(Locale.ROOT).replace(' ', '_'))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> tested = Arrays.stream(PromisesTest.class.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(Test.class))
                .map(method -> method.getName())
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(10, promised.size());
        assertEquals(promised, tested);
    }
}
