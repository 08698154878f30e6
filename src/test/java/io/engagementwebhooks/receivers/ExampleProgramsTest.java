package io.engagementwebhooks.receivers;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.Tools;
import io.engagementwebhooks.webhook.signing.HmacKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs the programs of {@code examples/send-and-receive} by the commands of its page. */
@Tag("polyglot")
@Timeout(600)
class ExampleProgramsTest {

    private static final Path EXAMPLE = Path.of("examples/send-and-receive");
    private static final Pattern ID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final String KEY = "a-key-that-may-send-0000";
    private static final String READER = "a-key-that-may-read-0000";

    private final String secret = HmacKey.generate(new SecureRandom()).text().reveal();
    private final int port = FreePort.any();

    @TempDir
    Path folder;

    private RunningProduct product() {
        return RunningProduct.shared(
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: a, role: ingest, key: %s}, {name: b, role: read, key: %s}]
                    signingKeys: [{id: k1, secret: %s}]
                    webhooks: [{name: receiver, events: [call.ended], delivery: {url: "http://127.0.0.1:%d/in"}}]
                """
                        .formatted(KEY, READER, secret, port));
    }

    @ParameterizedTest
    @CsvSource({"Java,java", "Node,npm", "Python,python3", "Go,go", "Rust,cargo"})
    void an_event_that_one_program_sends_is_verified_by_the_other_and_a_forged_request_refused(
            String language, String tool) throws Exception {
        Tools.assume(tool);
        copy(EXAMPLE.resolve(language.toLowerCase(Locale.ROOT)));
        List<String> commands = commands(language);
        try (RunningProduct product = product()) {
            finish(shell(product, commands.get(0), "built"), "built");
            Process receiver = shell(product, "exec " + commands.get(1), "received");
            try {
                await().atMost(Patience.LONG)
                        .ignoreExceptionsInstanceOf(IOException.class)
                        .until(() -> {
                            assertTrue(receiver.isAlive(), () -> said("received"));
                            new Socket("127.0.0.1", port).close();
                            return true;
                        });
                finish(shell(product, commands.get(2), "sent"), "sent");
                Matcher id = ID.matcher(said("sent"));
                assertTrue(id.find(), said("sent"));
                product.awaitDeliveries(READER, id.group(), 1, "delivered");
                assertTrue(said("received").contains(id.group()), said("received"));
                assertEquals(401, forged(product));
                assertFalse(said("received").contains("forged"), said("received"));
            } finally {
                receiver.descendants().forEach(ProcessHandle::destroyForcibly);
                receiver.destroyForcibly().waitFor();
            }
        }
    }

    private int forged(RunningProduct product) {
        return product.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/in"))
                        .header("webhook-id", "msg_forged")
                        .header("webhook-timestamp", Long.toString(Instant.now().getEpochSecond()))
                        .header("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
                        .POST(HttpRequest.BodyPublishers.ofString("{\"forged\": true}"))
                        .build())
                .statusCode();
    }

    /** To install, to receive, to send. */
    private static List<String> commands(String language) throws IOException {
        String page = Files.readString(EXAMPLE.resolve("README.md"));
        String section = page.substring(page.indexOf("\n## " + language + "\n"));
        Matcher block = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL).matcher(section);
        assertTrue(block.find(), section);
        List<String> commands = block.group(1).lines().toList();
        assertEquals(3, commands.size(), section);
        return commands;
    }

    private Process shell(RunningProduct product, String command, String output) throws IOException {
        String maven = Path.of("mvnw").toAbsolutePath() + " -B -ntp";
        ProcessBuilder shell = new ProcessBuilder("bash", "-ec", command.replaceFirst("\\bmvn\\b", maven))
                .directory(folder.resolve("example").toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(output).toFile());
        shell.environment()
                .putAll(Map.of(
                        "WEBHOOKS_URL",
                        product.url("").toString(),
                        "ACME_INGEST_KEY",
                        product.key(KEY),
                        "ACME_SIGNING_SECRET",
                        secret,
                        "PORT",
                        Integer.toString(port)));
        return shell.start();
    }

    private void finish(Process process, String output) throws InterruptedException {
        assertTrue(process.waitFor(10, TimeUnit.MINUTES), () -> said(output));
        assertEquals(0, process.exitValue(), () -> said(output));
    }

    private String said(String output) {
        try {
            return Files.readString(folder.resolve(output));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void copy(Path from) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve("example").resolve(from.relativize(file)));
            }
        }
    }
}
