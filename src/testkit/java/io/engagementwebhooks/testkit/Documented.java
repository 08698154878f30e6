package io.engagementwebhooks.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The blocks on a page of the documentation: commands by the comment in front of them, such as {@code run: health}. */
public final class Documented {

    private static final int PATIENCE_SECONDS = 180;

    private final String page;

    private Documented(String page) {
        this.page = page;
    }

    public static Documented page(Path file) {
        try {
            return new Documented(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** README, CONTRIBUTING, and all pages below {@code docs} except the ADRs. */
    public static List<Path> pages() {
        try (Stream<Path> docs = Files.walk(Path.of("docs"))) {
            return Stream.concat(
                            Stream.of(Path.of("README.md"), Path.of("CONTRIBUTING.md")),
                            docs.filter(file -> file.toString().endsWith(".md")
                                            && !file.getParent().endsWith("adr"))
                                    .sorted())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The blocks of a language. */
    public List<String> blocks(String language) {
        return Pattern.compile("^```" + language + "\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL)
                .matcher(page)
                .results()
                .map((MatchResult block) -> block.group(1))
                .toList();
    }

    /** The commands after a comment. */
    public String block(String comment) {
        Matcher matcher = Pattern.compile("<!-- " + Pattern.quote(comment) + " -->\\s*```sh\\n(.*?)```", Pattern.DOTALL)
                .matcher(page);
        if (!matcher.find()) {
            throw new AssertionError("the page has no block of commands behind <!-- " + comment + " -->");
        }
        return matcher.group(1);
    }

    /**
     * Runs a block in a folder, each command of which must succeed.
     *
     * @param replaced replacements of texts in this run
     * @return its output
     */
    public String run(Path folder, String comment, Map<String, String> replaced) throws Exception {
        String commands = block(comment);
        for (Map.Entry<String, String> each : replaced.entrySet()) {
            commands = commands.replace(each.getKey(), each.getValue());
        }
        Path output = Files.createTempFile("documented", ".log");
        Process shell = new ProcessBuilder("bash", "-e", "-o", "pipefail", "-c", commands)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean ended = shell.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        shell.destroyForcibly();
        String printed = Files.readString(output);
        Files.delete(output);
        if (!ended || shell.exitValue() != 0) {
            throw new AssertionError(commands + "\nfailed:\n" + printed);
        }
        return printed;
    }
}
