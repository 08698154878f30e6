package io.engagementwebhooks.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A run of the harness as it is kept in a file.
 *
 * @param at when it began, ISO 8601 UTC
 * @param took how long, in seconds
 * @param command what repeats it
 * @param quick whether it was the short form
 */
record Results(
        String at,
        long took,
        String command,
        boolean quick,
        Machine machine,
        List<Figure> figures,
        List<Run> runs,
        List<Distribution> distributions,
        List<String> faults) {

    static final Path FOLDER = Path.of("bench/results");

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    static Results read(Path file) throws IOException {
        return JSON.readValue(file.toFile(), Results.class);
    }

    /** The newest that was kept. */
    static Path newest() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".json"))
                    .max(Comparator.naturalOrder())
                    .orElseThrow(() -> new IllegalStateException("there are no results in " + FOLDER + " yet"));
        }
    }

    void write(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, JSON.writeValueAsString(this) + "\n");
    }

    /** @param remarks whether each figure has its remark, which docs/internals/benchmarks.md leaves to the file of results */
    String markdown(boolean remarks) {
        StringBuilder text = new StringBuilder();
        text.append("Measured on ")
                .append(at, 0, 10)
                .append(" by `")
                .append(command)
                .append("` in ")
                .append(Duration.ofSeconds(took).toMinutes())
                .append(" minutes")
                .append(quick ? ", the short form, whose figures are rough" : "")
                .append(".\n")
                .append(machine.text())
                .append(".\n\n| figure | measured | bar | |\n|---|---|---|---|\n");
        figures.forEach(figure -> text.append(String.format(
                "| %s%s | %s | %s | %s |%n",
                figure.what(),
                !remarks || figure.remark().isEmpty() ? "" : " (" + figure.remark() + ")",
                figure.valueText(),
                figure.barText(),
                figure.verdict())));
        if (!runs.isEmpty()) {
            text.append(
                    "\n| run | accepted/s | delivered/s | processor time a delivery | written to disk | p50 of the 202 | p99 |"
                            + " resident | lost | doubled |\n|---|---|---|---|---|---|---|---|---|---|\n");
            runs.forEach(run -> text.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %s | %.0f µs | %.1f KB | %.1f ms | %.1f ms | %d MB | %d | %d |%n",
                    run.name(),
                    Measuring.number(Math.round(run.accepted())),
                    Measuring.number(Math.round(run.delivered())),
                    run.cpuMicros(),
                    run.writtenKb(),
                    run.p50(),
                    run.p99(),
                    run.residentMb(),
                    run.lost(),
                    run.doubled())));
        }
        if (!faults.isEmpty()) {
            text.append("\nWhat went wrong: ").append(String.join("; ", faults)).append(".\n");
        }
        return text.toString();
    }
}
