package io.engagementwebhooks.receivers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.webhook.signing.HmacKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the product sends is verified by the guide's shell functions, with curl and openssl. */
@Timeout(300)
class ShellTest {

    @TempDir
    private Path folder;

    @Test
    void the_guides_shell_takes_what_is_genuine_and_nothing_else() throws Exception {
        try (SignedRequests sent = new SignedRequests(RunningProduct::shared)) {
            Receiver.Got got = sent.of("standard");
            String other = HmacKey.generate(new SecureRandom()).text().reveal();
            assertGenuine("is_genuine", sent.secret(), got);
            assertNotEquals(0, run("is_genuine", other, got, got.body()));
            assertGenuine("is_genuine_by_public_key", sent.jwks().toString(), got);
            assertNotEquals(0, run("is_genuine_by_public_key", sent.jwks() + "-of-no-account", got, got.body()));
        }
    }

    private void assertGenuine(String function, String trusted, Receiver.Got got) throws Exception {
        assertEquals(0, run(function, trusted, got, got.body()));
        assertNotEquals(0, run(function, trusted, got, got.body() + " "));
    }

    private int run(String function, String trusted, Receiver.Got got, String body)
            throws IOException, InterruptedException {
        Path file = Files.writeString(folder.resolve("body"), body, StandardCharsets.UTF_8);
        List<String> command = new ArrayList<>(
                List.of("sh", "-c", String.join("\n", Snippets.of("bash")) + "\n" + function + " \"$@\"", "sh"));
        command.addAll(List.of(
                trusted,
                got.header("webhook-id"),
                got.header("webhook-timestamp"),
                got.header("webhook-signature"),
                file.toString()));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start()
                .waitFor();
    }
}
