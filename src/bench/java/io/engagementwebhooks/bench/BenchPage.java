package io.engagementwebhooks.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The part of docs/internals/benchmarks.md that a run fills in. */
final class BenchPage {

    private static final Path PAGE = Path.of("docs/internals/benchmarks.md");
    private static final String BEGIN = "<!-- figures of bench/run.sh begin -->";
    private static final String END = "<!-- figures of bench/run.sh end -->";

    private BenchPage() {}

    static void fill(Results results) throws IOException {
        String page = Files.readString(PAGE);
        int begin = page.indexOf(BEGIN);
        int end = page.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalStateException(PAGE + " has no place for figures, between " + BEGIN + " and " + END);
        }
        Files.writeString(
                PAGE, page.substring(0, begin + BEGIN.length()) + "\n" + results.markdown(false) + page.substring(end));
    }
}
