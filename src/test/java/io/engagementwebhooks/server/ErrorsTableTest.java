package io.engagementwebhooks.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of errors in docs/reference.md has the codes that the product answers with. */
class ErrorsTableTest {

    private static final Pattern MADE =
            Pattern.compile("(?:badRequest|forbidden|conflict|gone|tooMany|unavailable|new Problem|bad)"
                    + "\\(\\s*(?:\\d+,\\s*)?\"([a-z]+(?:-[a-z0-9]+)*)\",");
    private static final Pattern CODE = Pattern.compile("`([a-z]+(?:-[a-z0-9]+)*)`");

    @Test
    void each_code_in_the_sources_is_in_the_table_and_the_other_way_round() throws IOException {
        StringBuilder sources = new StringBuilder();
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".java")).toList()) {
                sources.append(Files.readString(file));
            }
        }
        Set<String> made = codes(MADE, sources.toString());
        assertTrue(made.size() > 50, made::toString);

        String section = Files.readString(Path.of("docs/reference.md")).split("(?m)^## Errors$")[1];
        Set<String> listed = section.lines()
                .filter(line -> line.startsWith("| "))
                .flatMap(line -> codes(CODE, line.split("\\|")[2]).stream())
                .collect(Collectors.toCollection(TreeSet::new));
        listed.addAll(Set.of("no-value", "unknown-account"));
        made.removeAll(listed);
        assertEquals(Set.of(), made, "in no row");
        listed.removeIf(code -> sources.indexOf('"' + code + '"') >= 0);
        assertEquals(Set.of(), listed, "not in the sources");
    }

    private static Set<String> codes(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
