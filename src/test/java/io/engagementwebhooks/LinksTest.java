package io.engagementwebhooks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The pages are a book: each is in its contents, and each link on each page leads to a file and a heading that are there. */
class LinksTest {

    private static final Path CONTENTS = Path.of("docs", "README.md");
    private static final Pattern CODE = Pattern.compile("(?s)```.*?```");
    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
    private static final Pattern ELSEWHERE = Pattern.compile("[a-z]+:.*");
    private static final Path DECISIONS = Path.of("docs", "internals", "adr", "README.md");
    private static final Path RULES = Path.of("docs", "internals", "semantics.md");
    private static final Pattern RULE = Pattern.compile("(?m)^(\\d+)\\. ");
    /** Also where a line ends between them. */
    private static final Pattern NAMED_RULES =
            Pattern.compile("(?i)\\bsemantics[\\s*/\\[\\]]+(\\d+(?:(?:, | and | to )\\d+)*)");

    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

    private static List<Path> pages() throws IOException {
        List<Path> pages =
                new ArrayList<>(List.of(Path.of("README.md"), Path.of("CONTRIBUTING.md"), Path.of("CHANGELOG.md")));
        for (String folder : List.of(
                "docs",
                "docs/internals",
                "docs/internals/adr",
                "examples/custom-step",
                "examples/add-a-destination",
                "examples/own-source",
                "examples/jms-and-sql",
                "examples/embedding",
                "examples/send-and-receive",
                "examples/quickstart")) {
            try (Stream<Path> files = Files.list(Path.of(folder))) {
                files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
            }
        }
        return pages;
    }

    private static List<String> links(Path page) throws IOException {
        return LINK.matcher(prose(page))
                .results()
                .map(link -> link.group(1))
                .filter(link -> !ELSEWHERE.matcher(link).matches())
                .toList();
    }

    private static String prose(Path page) throws IOException {
        return CODE.matcher(Files.readString(page)).replaceAll("");
    }

    @Test
    void each_link_leads_somewhere() throws IOException {
        List<String> dead = new ArrayList<>();
        for (Path page : pages()) {
            for (String link : links(page)) {
                if (!leadsSomewhere(page, link)) {
                    dead.add(page + ": " + link);
                }
            }
        }
        assertEquals(List.of(), dead);
    }

    private static boolean leadsSomewhere(Path page, String link) throws IOException {
        String[] parts = link.split("#", 2);
        Path target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
        return Files.exists(target)
                && (parts.length == 1
                        || !target.toString().endsWith(".md")
                        || anchors(target).contains(parts[1]));
    }

    /** As GitHub makes them of headings. */
    private static Set<String> anchors(Path page) throws IOException {
        Set<String> anchors = new TreeSet<>();
        Matcher heading = HEADING.matcher(prose(page));
        while (heading.find()) {
            anchors.add(heading.group(1)
                    .strip()
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("\\[([^]]*)]\\([^)]*\\)", "$1")
                    .replaceAll("[^\\p{Alnum}_\\- ]", "")
                    .replace(' ', '-'));
        }
        return anchors;
    }

    @Test
    void a_link_that_leads_nowhere_would_be_found() throws IOException {
        assertFalse(leadsSomewhere(CONTENTS, "no-such-page.md"));
        assertFalse(leadsSomewhere(CONTENTS, "camel.md#no-such-heading"));
        assertTrue(leadsSomewhere(CONTENTS, "internals/routes.md#checks-of-route-files"));
    }

    @Test
    void every_page_is_in_the_contents() throws IOException {
        Set<String> listed = links(CONTENTS).stream().collect(Collectors.toCollection(TreeSet::new));
        try (Stream<Path> files = Files.walk(CONTENTS.getParent())) {
            List<String> missing = files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> !file.getParent().equals(DECISIONS.getParent()))
                    .map(file -> CONTENTS.getParent().relativize(file).toString())
                    .filter(name -> !name.equals("README.md"))
                    .filter(name -> !listed.contains(name))
                    .sorted()
                    .toList();
            assertEquals(List.of(), missing, "add them to docs/README.md");
        }
    }

    @Test
    void each_rule_that_is_named_by_its_number_is_there() throws IOException {
        Set<Integer> rules = numbers(RULE.matcher(Files.readString(RULES)));
        assertTrue(rules.containsAll(IntStream.rangeClosed(1, 37).boxed().toList()), rules::toString);
        List<String> missing = new ArrayList<>();
        int named = 0;
        for (Path file : files()) {
            // what is fed to fuzz tests may be no UTF-8
            String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
            Set<Integer> inFile = numbers(NAMED_RULES.matcher(text));
            named += inFile.size();
            inFile.removeAll(rules);
            inFile.forEach(rule -> missing.add(file + ": semantics " + rule));
        }
        assertEquals(List.of(), missing);
        assertTrue(named > 50, "they are not found any more: " + named);
    }

    @Test
    void every_decision_is_in_the_index() throws IOException {
        List<String> listed = links(DECISIONS);
        try (Stream<Path> files = Files.list(DECISIONS.getParent())) {
            List<String> decisions = files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals("README.md"))
                    .sorted()
                    .toList();
            assertEquals(decisions, listed, "list them in docs/internals/adr/README.md");
        }
    }

    /** Where rules are named. */
    private static List<Path> files() throws IOException {
        List<Path> all = new ArrayList<>();
        for (String folder : List.of("src", "docs", "routes", "kamelet-catalog", "examples")) {
            try (Stream<Path> files = Files.walk(Path.of(folder))) {
                files.filter(file -> file.toString().matches(".*\\.(java|md|yaml|jte)"))
                        .forEach(all::add);
            }
        }
        return all;
    }

    private static Set<Integer> numbers(Matcher matcher) {
        return matcher.results()
                .flatMap(result -> Pattern.compile("\\d+")
                        .matcher(result.group(1))
                        .results()
                        .map(number -> Integer.valueOf(number.group())))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
