package io.engagementwebhooks.operate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.engagementwebhooks.EngagementWebhooks;
import io.engagementwebhooks.testkit.Documented;
import io.engagementwebhooks.testkit.JavaCommand;
import io.engagementwebhooks.testkit.Tools;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every command on every page is one that a test knows, and so is every other block. Blocks behind {@code <!-- run: … -->}, the
 * first page's and those of the examples are run by tests of their own; of the others the options, files, profiles, classes and
 * paths that they name are looked for, and a program of which there is nothing to look for is refused: a block that is run is
 * its place. What asks for Docker or a cluster is not run: the files that it names are there and are what they should be.
 */
@DisabledOnOs(OS.WINDOWS)
class DocumentedCommandsTest {

    private static final Pattern PROGRAM = Pattern.compile(
            "(\\w+=\\S+ )*(java|jcmd|keytool|curl|docker|kubectl|openssl|export|jconsole|sqlite3|mkdir|cp|git"
                    + "|\\./mvnw|\\./quickstart\\.sh|(bench|deploy|docs)/\\S+\\.sh)( .*|$)");
    private static final Pattern FENCED =
            Pattern.compile("(?ms)(<!-- (?:run|start): [\\w-]+ -->\\s*)?^```(\\w*)\\n(.*?)^```");
    private static final Pattern INDENTED = Pattern.compile("(?m)^    (\\S.*)$");
    private static final Pattern INLINE = Pattern.compile("`([^`\\n]+)`");

    /** The languages of blocks that hold no commands, and the pages on which a person takes them: a pattern. */
    private static final Map<String, String> TAKEN = Map.ofEntries(
            Map.entry("yaml", ".*"), // DocumentedConfigsTest, RoutesPageTest
            Map.entry("properties", ".*"), // DocumentedSettingsTest
            Map.entry("java", "docs/receivers.md|docs/camel.md"), // JavaReceiversTest, CamelPageTest
            Map.entry("xml", "docs/camel.md"), // CamelPageTest, FetchedComponentTest
            Map.entry("js", "docs/receivers.md|docs/console.md"), // OtherLanguagesTest, FramedConsoleTest
            Map.entry("python", "docs/receivers.md"),
            Map.entry("bash", "docs/receivers.md"), // ShellTest
            Map.entry("http", "docs/receivers.md"), // ExampleRequestTest
            Map.entry("json", "docs/authentication.md"), // OpenApiTest
            Map.entry("diff", "docs/internals/add-a-field.md"), // AddAFieldTest
            Map.entry("", "README.md|docs/operations.md")); // a picture, and a line of the log

    /** Options of the JVM that JDK 17 does not have; the pages say so. */
    private static final Set<String> OF_LATER_JDKS = Set.of("-XX:+AutoCreateSharedArchive");

    private static final String ENDS = "-XX:+ExitOnOutOfMemoryError";

    private static final Set<String> GOALS = Set.of(
            "verify",
            "package",
            "install",
            "test",
            "test-compile",
            "spotless:apply",
            "versions:display-dependency-updates",
            "versions:display-property-updates");

    @TempDir
    Path folder;

    private record Command(Path page, String text) {
        @Override
        public String toString() {
            return page + ": " + text;
        }
    }

    /** Without the blocks that {@code OperationsDocumentTest} types. */
    private static List<Command> commands(Path page) {
        String text = read(page);
        List<Command> commands = new ArrayList<>();
        StringBuilder prose = new StringBuilder();
        Matcher block = FENCED.matcher(text);
        while (block.find()) {
            block.appendReplacement(prose, "");
            if (block.group(1) == null && Set.of("", "sh").contains(block.group(2))) {
                boolean all = block.group(2).equals("sh");
                lines(block.group(3))
                        .filter(line -> all && !line.isBlank() || isCommand(line))
                        .forEach(line -> commands.add(command(page, line)));
            }
        }
        block.appendTail(prose);
        Stream<String> inline = INLINE.matcher(prose)
                .results()
                .map((MatchResult code) -> code.group(1))
                .filter(code -> code.contains(" ") || code.endsWith(".sh"));
        Stream.concat(INDENTED.matcher(prose).results().map(line -> line.group(1)), inline)
                .filter(DocumentedCommandsTest::isCommand)
                .forEach(line -> commands.add(command(page, line)));
        return commands;
    }

    private static Stream<String> lines(String block) {
        return block.replaceAll("\\\\\\n\\s*", "").lines();
    }

    private static boolean isCommand(String text) {
        return PROGRAM.matcher(text).matches();
    }

    private static Command command(Path page, String text) {
        return new Command(page, text.replaceFirst("\\s+#.*", ""));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @TestFactory
    List<DynamicTest> every_documented_command_exists() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path page : Documented.pages()) {
            commands(page).stream()
                    .distinct()
                    .forEach(command ->
                            tests.add(DynamicTest.dynamicTest(command.toString(), () -> check(command.text()))));
        }
        assertTrue(tests.size() > 25, "commands found: " + tests.size());
        return tests;
    }

    @Test
    void every_command_that_runs_the_product_ends_it_when_memory_is_out() throws IOException {
        int found = 0;
        for (Path page : Documented.pages()) {
            for (Command command : commands(page)) {
                boolean runs = command.text().matches("java .*-jar engagement-webhooks\\.jar");
                if (runs && !command.text().contains("ArchiveClassesAtExit")) {
                    assertTrue(command.text().contains(ENDS), command::toString);
                    found++;
                }
            }
        }
        assertTrue(found > 2, "commands found: " + found);
        for (String file : List.of(
                "deploy/docker/Dockerfile",
                "src/demo/java/io/engagementwebhooks/quickstart/Quickstart.java",
                "examples/add-a-destination/README.md",
                "examples/custom-step/README.md")) {
            assertTrue(read(Path.of(file)).contains(ENDS), file);
        }
    }

    @Test
    void every_block_of_another_language_is_used_by_a_test() {
        for (Path page : Documented.pages()) {
            Matcher block = FENCED.matcher(read(page));
            while (block.find()) {
                String language = block.group(2);
                boolean commands = language.equals("sh")
                        || language.isEmpty() && lines(block.group(3)).allMatch(DocumentedCommandsTest::isCommand);
                assertTrue(
                        commands || page.toString().matches(TAKEN.getOrDefault(language, "")),
                        () -> page + ": no test takes a block of '" + language + "'");
            }
        }
    }

    @Test
    void every_marked_block_is_run_by_the_test_of_its_page() throws IOException {
        Path tests = Path.of("src/test/java/io/engagementwebhooks/operate");
        Map<Path, String> byPage = Map.of(
                Path.of("docs/operations.md"),
                read(tests.resolve("OperationsDocumentTest.java")) + read(tests.resolve("BackupPageTest.java")),
                Path.of("docs/camel.md"),
                read(tests.resolveSibling("deliver/kamelet/FetchedComponentTest.java")));
        int marked = 0;
        for (Path page : Documented.pages()) {
            Matcher marks = Pattern.compile("<!-- (run|start): ([\\w-]+) -->").matcher(read(page));
            while (marks.find()) {
                String test = byPage.getOrDefault(page, "");
                assertTrue(
                        test.contains("\"" + marks.group(2) + "\"")
                                || test.contains("\"" + marks.group(1) + ": " + marks.group(2) + "\""),
                        marks::group);
                marked++;
            }
        }
        assertTrue(marked > 5);
    }

    private void check(String command) throws Exception {
        String[] words = command.replaceFirst("^(\\w+=\\S+ )+", "").split(" +");
        switch (words[0]) {
            case "java" -> java(words);
            case "./mvnw" -> maven(words);
            case "docker" -> file(words, "-f");
            case "kubectl" -> kubectl(words);
            case "curl" -> curl(command);
            case "openssl" -> {
                Tools.assume(words[0]);
                assertEquals(0, shell(command), command);
            }
            case "export" -> assertTrue(isVariable(words[1].replaceFirst("=.*", "")), command);
            case "jcmd" -> assertEquals(0, run(jdk(words)), command);
            case "jconsole" -> jconsole(words);
            case "cp", "chmod", "keytool" ->
                assertTrue(
                        Documented.page(Path.of("docs/operations.md")).blocks("sh").stream()
                                .anyMatch(block -> block.contains(command)),
                        "TrustStoreTest types it");
            default -> script(words);
        }
    }

    private void java(String[] words) throws Exception {
        if (words[1].equals("-cp")) {
            assertEquals(EngagementWebhooks.class.getName(), words[3]);
            return;
        }
        int jar = List.of(words).indexOf("-jar");
        assertTrue(jar > 0, "no jar is run");
        List<String> jvm = jdk("java");
        for (int i = 1; i < jar; i++) {
            if (!OF_LATER_JDKS.contains(words[i]) && !words[i].contains("…")) {
                jvm.add(words[i].replace("=engagement", "=" + folder + "/engagement"));
            }
        }
        jvm.add("-version");
        assertEquals(0, run(jvm), jvm::toString);
        assertTrue(words[jar + 1].endsWith(".jar"), words[jar + 1]);
        for (int i = jar + 2; i < words.length; i++) {
            if (words[i].startsWith("--")) {
                assertTrue(help().contains("  " + words[i] + " "), words[i]);
            }
        }
    }

    /** A program of the JDK, with its options. */
    private static List<String> jdk(String... words) {
        List<String> command = new ArrayList<>(List.of(words));
        command.set(0, JavaCommand.tool(words[0]));
        return command;
    }

    private static int run(List<String> command) throws Exception {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    /** It opens a window: its JVM's options and what it connects to are those of the blocks before it. */
    private static void jconsole(String[] words) throws Exception {
        Documented page = Documented.page(Path.of("docs/operations.md"));
        for (int i = 1; i < words.length; i++) {
            if (words[i].startsWith("-J-Djavax.net.ssl.trustStore=")) {
                assertTrue(page.block("run: jmx-files").contains("-keystore " + after(words[i], "=") + " "), words[i]);
            } else if (words[i].startsWith("-J-Djavax.net.ssl.trustStorePassword=")) {
                assertTrue(
                        page.block("run: jmx-files").contains("-storepass " + after(words[i], "=") + "\n"), words[i]);
            } else if (words[i].contains(":")) {
                assertTrue(page.block("start: jmx").contains("jmxremote.port=" + after(words[i], ":") + " "), words[i]);
            } else {
                assertEquals("PID", words[i]);
            }
        }
    }

    private static String after(String word, String mark) {
        return word.substring(word.lastIndexOf(mark) + 1);
    }

    private String help() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream reported = new PrintStream(out, true, StandardCharsets.UTF_8);
        assertEquals(0, CommandLine.in(folder, reported, reported, "--help"));
        return out.toString(StandardCharsets.UTF_8);
    }

    private static void maven(String[] words) throws IOException {
        String pom = read(Path.of("pom.xml"));
        for (int i = 1; i < words.length; i++) {
            String word = words[i];
            if (word.startsWith("-P")) {
                for (String profile : word.substring(2).split(",")) {
                    assertTrue(pom.contains("<id>" + profile + "</id>"), profile);
                }
            } else if (word.startsWith("-Dtest=")) {
                for (String test :
                        word.substring("-Dtest=".length()).replace("'", "").split(",")) {
                    assertTrue(isTest(test), test);
                }
            } else if (word.startsWith("-Dcamel.version")) {
                assertTrue(pom.contains("<camel.version>"));
            } else if (!word.startsWith("-")) {
                assertTrue(GOALS.contains(word), word);
            }
        }
    }

    private static boolean isTest(String name) throws IOException {
        try (Stream<Path> sources =
                Stream.concat(Files.walk(Path.of("src/test/java")), Files.walk(Path.of("src/browser/java")))) {
            return sources.anyMatch(file -> file.endsWith(name + ".java"));
        }
    }

    private static void file(String[] words, String option) {
        Path named = Path.of(words[List.of(words).indexOf(option) + 1]);
        assertTrue(Files.exists(named), named::toString);
    }

    private static void kubectl(String[] words) throws IOException {
        if (List.of(words).contains("-k")) {
            Path kustomization = Path.of(words[List.of(words).indexOf("-k") + 1], "kustomization.yaml");
            assertTrue(new ObjectMapper(new YAMLFactory())
                    .readTree(kustomization.toFile())
                    .has("resources"));
            return;
        }
        if (words[2].equals("configmap")) {
            Stream.of(words)
                    .filter(word -> word.startsWith("--from-file="))
                    .forEach(word -> assertTrue(Files.exists(Path.of(word.substring(12))), word));
            return; // its name is compared by ManifestsTest
        }
        boolean isCamelK = words[4].equals("engagement-webhooks-secrets");
        assertEquals(
                List.of("create", "secret", "generic", isCamelK ? words[4] : "engagement-webhooks"),
                List.of(words).subList(1, 5));
        String manifests = read(Path.of("deploy/kubernetes/base/deployment.yaml"))
                + read(Path.of("deploy/kubernetes/base/webhooks.yaml"));
        for (String word : words) {
            if (word.startsWith("--from-file=")) {
                assertTrue(manifests.contains("/run/secrets/engagement-webhooks/" + word.substring(12)), word);
            }
        }
    }

    private static void curl(String command) throws IOException {
        Matcher path = Pattern.compile("https?://[^/ ]+(/v1/[\\w/-]+)").matcher(command);
        assertTrue(path.find(), command);
        JsonNode document = new ObjectMapper(new YAMLFactory())
                .readTree(Path.of("docs/openapi.yaml").toFile());
        String method = command.contains(" -d ") ? "post" : "get";
        assertTrue(
                document.at("/paths").properties().stream()
                        .filter(each -> path.group(1).matches(each.getKey().replaceAll("\\{\\w+}", "[^/]+")))
                        .anyMatch(each -> each.getValue().has(method)),
                path.group(1));
    }

    private static boolean isVariable(String name) {
        String reference = read(Path.of("docs/reference.md"));
        return reference.contains(name.toLowerCase(java.util.Locale.ROOT).replace('_', '.'))
                || reference.contains(name);
    }

    private void script(String[] words) throws Exception {
        Path script = Path.of(words[0]);
        assertTrue(Files.isExecutable(script), words[0] + " is not there, or not executable");
        assertEquals(0, shell("bash -n '" + script.toAbsolutePath() + "'"));
        Set<String> unknown = new TreeSet<>();
        for (int i = 1; i < words.length; i++) {
            String option = words[i].replaceFirst("=.*", "");
            if (option.startsWith("--") && !read(script).contains(option)) {
                unknown.add(option);
            }
        }
        assertEquals(Set.of(), unknown);
    }

    private int shell(String command) throws Exception {
        Tools.assume("bash");
        return new ProcessBuilder("bash", "-c", command)
                .directory(folder.toFile())
                .start()
                .waitFor();
    }
}
