package io.engagementwebhooks.deploy;

import static io.engagementwebhooks.testkit.Needed.needed;

import io.engagementwebhooks.testkit.Tools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The traits of Camel K, which make the Deployment of an Integration, are applied to {@code deploy/camel-k}. Go fetches and
 * compiles Camel K, which takes minutes the first time.
 */
@Tag("polyglot")
class CamelKTraitsTest {

    private static final Path GO = Path.of("src/test/go-camel-k");

    @Test
    void camel_k_makes_a_deployment_that_kubernetes_accepts_and_a_service(@TempDir Path folder) throws Exception {
        needed(Tools.isHere("go"), "go is not on this machine's PATH");
        try (Stream<Path> files = Files.list(GO)) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
        Tools.run(folder, "env", "REPOSITORY=" + Path.of("").toAbsolutePath(), "go", "test", "-count=1", ".");
    }
}
