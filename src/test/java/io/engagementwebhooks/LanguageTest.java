package io.engagementwebhooks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Finds words and phrases with a better term, in code, comments, docs, routes and settings; docs/webhooks.md has the terms. */
class LanguageTest {

    private static final Map<String, String> BETTER = new LinkedHashMap<>();

    static {
        better("told", "name who does it: the log names, the account is notified, the caller gets");
        better("anew", "again, or a verb: renew, restart, rewrite");
        better("whoever", "name the person or the process: the caller, a user who");
        better("nobody|somebody", "no one, or name the person or the process: an operator, another instance");
        better("of its own", "its own X, or a separate X");
        better("what came back", "the response");
        better("set up no more", "deleted");
        better("(?<!-)set-ups?", "configuration");
        better("in vain", "without result");
        better("under way", "running, in flight");
        better("(?<!-)meanwhile", "until then, or in between");
        better("all the same", "still");
        better("sees to it", "ensures, or the verb itself");
        better("takes up(?! to)|taken up", "acquires, activates, becomes active");
        better("what waits", "pending deliveries, queued deliveries");
        better("(?<!it |he |she )tries(?! to )", "attempts (noun), retries (verb)");
    }

    private static final List<Path> ROOTS = Stream.of(
                    "src",
                    "docs",
                    "routes",
                    "kamelet-catalog",
                    "examples",
                    "deploy",
                    "bin",
                    "application.properties",
                    "quickstart.sh",
                    "README.md",
                    "CHANGELOG.md",
                    "CONTRIBUTING.md")
            .map(Path::of)
            .toList();

    /** This list of words itself. */
    private static final List<String> EXCLUDED = List.of("src/test/java/io/engagementwebhooks/LanguageTest.java");

    private static final Pattern TEXT =
            Pattern.compile(".*\\.(java|md|adoc|yaml|yml|json|properties|sql|xml|sh|txt|mjs|py|jte|js)|[^.]*");
    private static final Pattern NAME_OF_TEST = Pattern.compile("\\b\\w+Test#\\w+");
    private static final Pattern HUMP = Pattern.compile("(?<=[a-z])(?=[A-Z])|_");

    private static void better(String words, String term) {
        BETTER.put(words, term);
    }

    private static Pattern pattern(String words) {
        return Pattern.compile("\\b(" + words + ")\\b", Pattern.CASE_INSENSITIVE);
    }

    @Test
    void each_text_uses_the_terms_of_the_field() throws IOException {
        Pattern any = pattern(String.join("|", BETTER.keySet()));
        List<String> found = new ArrayList<>();
        for (Path file : files()) {
            List<String> lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
            for (int line = 0; line < lines.size(); line++) {
                String text = words(lines.get(line));
                if (any.matcher(text).find()) {
                    String place = file + ":" + (line + 1) + ": ";
                    BETTER.forEach((words, term) -> pattern(words)
                            .matcher(text)
                            .results()
                            .forEach(match -> found.add(place + "'" + match.group() + "': " + term)));
                }
            }
        }
        assertEquals(List.of(), found, () -> "\n" + String.join("\n", found) + "\n");
    }

    /** Names of code as words. The file of advisories names tests as they are. */
    private static String words(String line) {
        return HUMP.matcher(NAME_OF_TEST.matcher(line).replaceAll("")).replaceAll(" ");
    }

    private static List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path root : ROOTS) {
            try (Stream<Path> found = Files.walk(root)) {
                files.addAll(found.filter(Files::isRegularFile)
                        .filter(file ->
                                TEXT.matcher(file.getFileName().toString()).matches())
                        .filter(file ->
                                EXCLUDED.stream().noneMatch(file.toString().replace('\\', '/')::startsWith))
                        .filter(file -> !file.toString().contains("node_modules"))
                        .collect(Collectors.toList()));
            }
        }
        return files;
    }
}
