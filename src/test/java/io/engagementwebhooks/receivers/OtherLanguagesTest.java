package io.engagementwebhooks.receivers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.RunningProduct;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the product sends is verified in Node and Python, by libraries of others and by the guide's snippets, with the public
 * keys of the running product, its own, as the names of its keys stand in the scripts. Needs node, npm and python3 with its package cryptography: {@code ./mvnw -Ppolyglot verify}.
 */
@Tag("polyglot")
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OtherLanguagesTest {

    private static final Path NODE = Path.of("src/test/node").toAbsolutePath();
    private static final Path PYTHON = Path.of("src/test/python").toAbsolutePath();

    private Path folder;

    @AutoClose
    private SignedRequests sent;

    @BeforeAll
    void start(@TempDir Path temporary) throws IOException {
        folder = temporary;
        sent = new SignedRequests(config -> RunningProduct.start(folder.resolve("product"), config));
        for (boolean tampered : new boolean[] {false, true}) {
            Files.writeString(captured(tampered), sent.toJson(tampered).toString());
        }
    }

    @Test
    void node_takes_what_is_genuine_and_nothing_else() throws Exception {
        Path node = folder.resolve("node");
        copy(NODE, node, "package.json", "package-lock.json", "receivers.test.mjs");
        layGuide(node);
        Run installed = run(node, false, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
        assertEquals(0, installed.exitCode(), installed.output());

        Run genuine = run(node, false, "node", "--test");
        assertEquals(0, genuine.exitCode(), genuine.output());
        assertTrue(genuine.output().contains("pass 20"), genuine.output());

        Run tampered = run(node, true, "node", "--test");
        assertNotEquals(0, tampered.exitCode(), "bodies were changed on the way, and no one saw it");
        assertTrue(tampered.output().contains("fail 15"), tampered.output());
    }

    @Test
    void python_takes_what_is_genuine_and_nothing_else() throws Exception {
        Path python = folder.resolve("python");
        copy(PYTHON, python, "receivers_test.py");
        Files.writeString(python.resolve("guide.py"), String.join("\n", Snippets.of("python")));
        String interpreter = System.getenv().getOrDefault("PYTHON", "python3");

        Run genuine = run(python, false, interpreter, "receivers_test.py");
        assertEquals(0, genuine.exitCode(), genuine.output());
        assertTrue(genuine.output().contains("Ran 3 tests"), genuine.output());

        Run tampered = run(python, true, interpreter, "receivers_test.py");
        assertNotEquals(0, tampered.exitCode(), "bodies were changed on the way, and no one saw it");
        assertTrue(tampered.output().contains("failures=3"), tampered.output());
    }

    /** Each snippet is its own module, for each imports what it needs. */
    private static void layGuide(Path folder) throws IOException {
        StringBuilder all = new StringBuilder();
        for (String snippet : Snippets.of("js")) {
            String name = "guide" + all.length() + ".mjs";
            Files.writeString(folder.resolve(name), snippet);
            all.append("export * from \"./").append(name).append("\";\n");
        }
        Files.writeString(folder.resolve("guide.mjs"), all);
    }

    private record Run(int exitCode, String output) {}

    private Run run(Path in, boolean tampered, String... command) throws IOException, InterruptedException {
        Path log = Files.createTempFile(folder, "run", ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(in.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().putAll(Map.of("CAPTURED", captured(tampered).toString(), "NO_COLOR", "1"));
        int exitCode = builder.start().waitFor();
        return new Run(exitCode, Files.readString(log, StandardCharsets.UTF_8));
    }

    private Path captured(boolean tampered) {
        return folder.resolve(tampered ? "tampered.json" : "genuine.json");
    }

    private static void copy(Path from, Path to, String... names) throws IOException {
        Files.createDirectories(to);
        for (String name : names) {
            Files.copy(from.resolve(name), to.resolve(name));
        }
    }
}
