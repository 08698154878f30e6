package io.engagementwebhooks.api;

import io.engagementwebhooks.testkit.Tools;
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
        Tools.run(folder, "npm", "install", "--ignore-scripts", "--no-audit", "--no-fund");
        Tools.run(folder, "npx", "redocly", "lint", "--extends=recommended-strict", "openapi.yaml");
        Tools.run(folder, "npx", "spectral", "lint", "--fail-severity=hint", "openapi.yaml");
        Tools.run(folder, "npx", "tsc");
    }

    @Test
    void python_compiles() throws Exception {
        Tools.assume("python3");
        GeneratedClientTest.generate("python", "", folder.resolve("python"));
        Tools.run(folder, "python3", "-m", "compileall", "-q", "python");
    }

    @Test
    void go_compiles() throws Exception {
        Tools.assume("go");
        GeneratedClientTest.generate("go", "", folder.resolve("go"));
        Tools.run(folder, "go", "-C", "go", "mod", "tidy");
        Tools.run(folder, "go", "-C", "go", "vet", ".");
    }
}
