package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.testkit.Tools;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients generated from docs/openapi.yaml in other languages compile, and two linters find no errors in it. */
@Tag("polyglot")
@Timeout(600)
class OtherClientsTest {

    private static final Path NODE = Path.of("src/test/node-openapi");

    @TempDir
    Path folder;

    @Test
    void linters_find_nothing_and_typescript_compiles() throws Exception {
        Tools.assume("npm");
        try (Stream<Path> files = Files.list(NODE)) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
        Files.copy(Path.of("docs/openapi.yaml"), folder.resolve("openapi.yaml"));
        for (String generator : List.of("typescript-fetch", "typescript-axios")) {
            GeneratedClientTest.generate(generator, "", folder.resolve(generator));
        }
        run("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund");
        run("npx", "redocly", "lint", "--extends=recommended-strict", "openapi.yaml");
        run("npx", "spectral", "lint", "--fail-severity=hint", "openapi.yaml");
        run("npx", "tsc");
    }

    @Test
    void python_compiles() throws Exception {
        Tools.assume("python3");
        GeneratedClientTest.generate("python", "", folder.resolve("python"));
        run("python3", "-m", "compileall", "-q", "python");
    }

    @Test
    void go_compiles() throws Exception {
        Tools.assume("go");
        GeneratedClientTest.generate("go", "", folder.resolve("go"));
        run("go", "-C", "go", "mod", "tidy");
        run("go", "-C", "go", "vet", ".");
    }

    private void run(String... command) throws IOException, InterruptedException {
        Path log = Files.createTempFile(folder, "run", ".log");
        int exitCode = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start()
                .waitFor();
        assertEquals(0, exitCode, () -> {
            try {
                return String.join(" ", command) + "\n" + Files.readString(log, StandardCharsets.UTF_8);
            } catch (IOException e) {
                return e.toString();
            }
        });
    }
}
