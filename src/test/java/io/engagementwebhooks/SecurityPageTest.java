package io.engagementwebhooks;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** docs/security.md says which test shows what: each of them is there. */
class SecurityPageTest {

    private static final Path PAGE = Path.of("docs", "security.md");
    static final Pattern NAMED = Pattern.compile("`([A-Z]\\w*Test)(?:#(\\w+))?`");

    @TestFactory
    List<DynamicTest> every_test_that_is_named_exists() throws IOException {
        Set<String> named = new LinkedHashSet<>();
        Matcher names = NAMED.matcher(Files.readString(PAGE));
        while (names.find()) {
            named.add(names.group(1) + (names.group(2) == null ? "" : "#" + names.group(2)));
        }
        assertTrue(named.size() > 10, named.toString());
        return named.stream()
                .map(name -> DynamicTest.dynamicTest(name, () -> assertTrue(exists(name), name + " is not there")))
                .toList();
    }

    @Test
    void every_row_names_a_test() throws IOException {
        List<String> bare = new ArrayList<>();
        String table =
                Files.readString(PAGE).split("(?m)^## Threats and tests$")[1].split("(?m)^## ")[0];
        assertTrue(table.contains("| who |"));
        table.lines()
                .filter(line -> line.startsWith("|") && !line.startsWith("|---") && !line.startsWith("| who |"))
                .filter(line -> !NAMED.matcher(line).find())
                .forEach(bare::add);
        assertTrue(bare.isEmpty(), "rows without a test: " + bare);
    }

    @Test
    void a_name_that_is_not_there_would_be_found() throws IOException {
        assertFalse(exists("NoSuchTest"));
        assertFalse(exists("ArchitectureTest#no_such_method"));
        assertTrue(exists("ArchitectureTest#the_package_event_depends_on_no_other"));
    }

    static boolean exists(String name) throws IOException {
        String[] parts = name.split("#");
        try (Stream<Path> files = Stream.concat(
                Files.walk(Path.of("src", "test", "java")), Files.walk(Path.of("src", "browser", "java")))) {
            Optional<Path> file = files.filter(
                            path -> path.getFileName().toString().equals(parts[0] + ".java"))
                    .findFirst();
            return file.isPresent()
                    && (parts.length == 1
                            || Files.readString(file.get()).matches("(?s).*\\s" + Pattern.quote(parts[1]) + "\\(.*"));
        }
    }
}
