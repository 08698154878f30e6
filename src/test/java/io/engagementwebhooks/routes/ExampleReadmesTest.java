package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.Documented;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.JavaCommand;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.Receiver.Reply;
import io.engagementwebhooks.testkit.Tools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Each command of the examples' pages, and of the first page, does what the page says, in a shell and an empty folder. */
@Timeout(300)
@DisabledOnOs(OS.WINDOWS)
class ExampleReadmesTest {

    private static final String KEY = "a-key-of-acme-that-may-do-all";

    @TempDir
    Path folder;

    private final int port = FreePort.any();
    private final int managementPort = FreePort.any();
    private final Receiver partner = new Receiver(got -> new Reply(201));
    private Process running;

    @AfterEach
    void stop() throws InterruptedException {
        if (running != null) {
            running.destroy();
            running.waitFor(180, TimeUnit.SECONDS);
        }
        partner.close();
    }

    @Test
    @Tag("slow")
    void steps_of_ones_own() throws Exception {
        Tools.assume("bash", "curl", "openssl");
        List<String> commands = commands("custom-step");
        assertEquals(3, commands.size());

        assertTrue(run(commands.get(0)).contains("settings, routes, configuration and store are fine"));
        running = start(commands.get(1));
        String answers = run(commands.get(2));

        assertTrue(answers.contains("{\"id\":\"1\",\"deliveries\":0}"), answers);
        assertTrue(answers.contains("{\"id\":\"2\",\"deliveries\":1}"), answers);
        WholeProduct.await(() -> partner.requests().size() == 1);
        assertTrue(partner.requests().get(0).body().contains("\"anum\":\"***\""));
        assertEquals(
                List.of(),
                said("log").lines().filter(line -> line.contains(" WARN ")).toList());
    }

    @Test
    @Tag("slow")
    void a_destination() throws Exception {
        Tools.assume("bash");
        List<String> commands = commands("add-a-destination");
        assertEquals(2, commands.size());

        assertTrue(run(commands.get(0)).contains("settings, routes, configuration and store are fine"));
        running = start(commands.get(1));
    }

    @Test
    @Tag("slow")
    void a_source() throws Exception {
        Tools.assume("bash");
        List<String> commands = commands("own-source");
        assertEquals(3, commands.size());

        assertTrue(run(commands.get(0)).contains("settings, routes, configuration and store are fine"));
        running = start(commands.get(1));
        run(commands.get(2));

        WholeProduct.await(() -> partner.requests().size() == 1);
    }

    @Test
    void the_first_page() throws Exception {
        Tools.assume("bash", "curl");
        Path readme = Path.of("README.md");
        Path empty = Files.createDirectories(folder.resolve("empty"));
        List<String> configs = Documented.page(readme).blocks("yaml");
        assertEquals(1, configs.size());
        Files.writeString(empty.resolve("webhooks.yaml"), configs.get(0));
        List<String> commands = Documented.page(readme).blocks("sh");
        assertEquals(1, commands.size());

        running = start("java -XX:+ExitOnOutOfMemoryError -jar engagement-webhooks.jar");

        assertTrue(run(commands.get(0)).contains("{\"id\":\"1\",\"deliveries\":1}"), said("out"));
        assertTrue(run(commands.get(0)).contains("\"duplicate\":true"), said("out"));
    }

    private static List<String> commands(String example) {
        Path folder = Path.of("examples", example);
        return Documented.page(folder.resolve("README.md")).blocks("sh").stream()
                .map(block -> block.replace(
                        "path/to/" + example, folder.toAbsolutePath().toString()))
                .toList();
    }

    private String run(String commands) throws IOException, InterruptedException {
        Process process = shell(commands, "out");
        assertTrue(process.waitFor(120, TimeUnit.SECONDS), "it goes on");
        assertEquals(0, process.exitValue(), said("out"));
        return said("out");
    }

    private Process start(String command) throws IOException {
        Process process = shell("exec " + command, "log");
        WholeProduct.await(() -> said("log").contains("ready version="));
        return process;
    }

    /** The jar is built after the tests: its name stands for the classes that go into it. */
    private Process shell(String commands, String output) throws IOException {
        Path bin = Files.createDirectories(folder.resolve("bin"));
        Path java = bin.resolve("java");
        Files.writeString(
                java,
                """
                #!/bin/sh
                while [ "$1" != -jar ]; do shift; done
                shift 2
                exec "%s" "$@"
                """
                        .formatted(String.join(
                                "\" \"",
                                JavaCommand.product(
                                        "-Dcamel.server.port=" + port,
                                        "-Dcamel.server.host=127.0.0.1",
                                        "-Dcamel.management.port=" + managementPort,
                                        "-Dwebhooks.egress.allow=127.0.0.0/8"))));
        assertTrue(java.toFile().setExecutable(true));
        ProcessBuilder shell = new ProcessBuilder(
                        "bash", "-ec", commands.replace("localhost:8080", "127.0.0.1:" + port))
                .directory(Files.createDirectories(folder.resolve("empty")).toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(output).toFile());
        Map<String, String> environment = shell.environment();
        environment.put("PATH", bin + ":" + environment.get("PATH"));
        environment.put("ACME_KEY", KEY);
        environment.put("ACME_ADMIN_KEY", KEY);
        environment.put("ACME_INGEST_KEY", "a-key-of-acme-that-may-send");
        environment.put("ACME_SIGNING_SECRET", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3");
        environment.put("CRM_CLIENT_SECRET", "a-secret-of-acme");
        environment.put("PARTNER_URL", partner.url().toString());
        environment.put("PARTNER_PASSWORD", "theirs");
        environment.put("HUBSPOT_AUTHORIZATION", "Bearer pat-of-no-account");
        return shell.start();
    }

    private String said(String output) {
        try {
            return Files.readString(folder.resolve(output));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
