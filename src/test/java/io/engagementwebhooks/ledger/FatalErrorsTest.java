package io.engagementwebhooks.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.JavaCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An OutOfMemoryError that is caught by the product ends the process. */
class FatalErrorsTest {

    private static final Pattern CATCH =
            Pattern.compile("\\n( *)\\} catch \\((?:\\w+ \\| )*(?:Throwable|Error) (\\w+)\\) \\{\\n");

    /** These use Camel only: they catch the exchange's exception, which others check. */
    private static final Path COMPONENT = Path.of("src/main/java/io/engagementwebhooks/contentsquare");

    @Test
    void every_catch_of_error_checks_for_it_or_rethrows() throws IOException {
        List<String> without = new ArrayList<>();
        int[] found = {0};
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            files.filter(file -> file.toString().endsWith(".java") && !file.startsWith(COMPONENT))
                    .forEach(file -> look(file, without, found));
        }
        assertEquals(List.of(), without);
        assertTrue(found[0] > 20, "places found: " + found[0]);
    }

    private static void look(Path file, List<String> without, int[] found) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertTrue(!text.contains("catch (OutOfMemoryError"), file::toString);
        Matcher places = CATCH.matcher(text);
        while (places.find()) {
            found[0]++;
            String block = text.substring(places.end(), text.indexOf("\n" + places.group(1) + "}", places.end()));
            String error = places.group(2);
            if (!block.contains("FatalErrors.check(" + error + ")") && !block.contains("throw " + error + ";")) {
                without.add(file + ": " + block.strip());
            }
        }
    }

    @Test
    @Tag("slow")
    void the_process_ends_also_where_it_is_wrapped() throws Exception {
        Process process = new ProcessBuilder(JavaCommand.java(Ending.class))
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertEquals(3, process.waitFor(), said);
        assertTrue(said.contains("process.out-of-memory: no space"), said);
    }

    /** Reports one that was wrapped, as Camel wraps what a step throws. */
    static final class Ending {
        private Ending() {}

        public static void main(String[] arguments) {
            FatalErrors.check(new IllegalStateException("other", null));
            FatalErrors.check(new IllegalStateException(new RuntimeException(new OutOfMemoryError("no space"))));
        }
    }
}
