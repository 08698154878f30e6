package io.engagementwebhooks.operate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The sections of docs/reference.md that are made of the product itself, each between two comments. {@code
 * -Dreference.write=true} writes them again.
 */
public final class ReferencePage {

    private static final Path PAGE = Path.of("docs", "reference.md");

    private ReferencePage() {}

    /** Fails unless a section says what it should. */
    public static synchronized void assertSection(String name, String expected) throws IOException {
        String begin = "<!-- made of the product: " + name + " -->\n";
        String end = "<!-- end of " + name + " -->";
        String page = Files.readString(PAGE);
        int from = page.indexOf(begin) + begin.length();
        int to = page.indexOf(end);
        if (Boolean.getBoolean("reference.write")) {
            Files.writeString(PAGE, page.substring(0, from) + expected + page.substring(to));
        } else {
            assertEquals(
                    expected,
                    page.substring(from, to),
                    "docs/reference.md is behind the product; ./mvnw -Dtest='ReferenceTest,MonitoringTest'"
                            + " -Dreference.write=true test writes it again");
        }
    }
}
