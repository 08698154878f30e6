package io.engagementwebhooks.operate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.operate.jmx.RemoteClient;
import io.engagementwebhooks.testkit.Documented;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.JavaCommand;
import io.engagementwebhooks.testkit.OneWebhook;
import io.engagementwebhooks.testkit.SeparateProduct;
import io.engagementwebhooks.testkit.Tools;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What docs/operations.md tells to type, typed. */
@Timeout(240)
class OperationsDocumentTest {

    private static final String KEY = "a-key-of-acme-that-may-do-all";
    private static final Documented PAGE = Documented.page(Path.of("docs/operations.md"));

    @TempDir
    static Path ofClass;

    private static final int MANAGEMENT = FreePort.any();

    @AutoClose
    private static SeparateProduct product;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() throws Exception {
        product = start(ofClass, "camel.management.jolokiaEnabled=true", "camel.management.port=" + MANAGEMENT);
    }

    private static SeparateProduct start(Path folder, String... properties) throws Exception {
        Files.writeString(
                folder.resolve("webhooks.yaml"),
                OneWebhook.named("plain", KEY, URI.create("https://receiver.example.com")));
        SeparateProduct started = new SeparateProduct(folder, KEY);
        started.start(List.of(), properties);
        return started;
    }

    private static String run(String comment) throws Exception {
        return PAGE.run(
                ofClass,
                "run: " + comment,
                Map.of(
                        ":9876/", ":" + MANAGEMENT + "/",
                        "jcmd PID",
                                JavaCommand.tool("jcmd") + " "
                                        + product.process().pid(),
                        "curl -s ", "curl -sf "));
    }

    @Test
    void health_and_metrics_are_answered_and_jolokia_where_it_is_on() throws Exception {
        Tools.assume("bash", "curl", "grep");
        String health = run("health");
        assertFalse(health.contains("DOWN"), health);
        assertTrue(health.contains("\"UP\""), health);
        assertTrue(health.contains("webhooks_deliveries_pending 0.0"), health);

        String jolokia = run("jolokia");
        assertTrue(jolokia.contains("\"value\":{\"plain\":\"active\"}") && jolokia.contains("\"Pending\":0"), jolokia);
    }

    @Test
    void jcmd_asks_the_process() throws Exception {
        Tools.assume("bash");
        String asked = run("jcmd");
        assertTrue(asked.contains("outbox-reader") && asked.contains("heap"), asked);
    }

    @Test
    @Tag("slow")
    void remote_jmx_requires_a_password_and_tls() throws Exception {
        Tools.assume("bash");
        PAGE.run(folder, "run: jmx-files", Map.of("keytool ", JavaCommand.tool("keytool") + " "));
        int port = FreePort.any();
        Matcher options = Pattern.compile("-D(\\S+=\\S+)")
                .matcher(PAGE.block("start: jmx").replace("9875", Integer.toString(port)));
        List<String> properties = new ArrayList<>();
        while (options.find()) {
            properties.add(options.group(1));
        }
        properties.addAll(List.of("webhooks.profile=prod", "webhooks.egress.allow="));
        try (SeparateProduct secured = start(folder, properties.toArray(String[]::new))) {
            List<String> reported = clients(
                    port, "operate", "a-password-to-operate", "watch", "a-password-to-watch", "operate", "a-guess");
            assertEquals("accounts acme state paused", reported.get(0), "may do something");
            assertTrue(reported.get(1).startsWith("accounts acme refused "), reported.get(1));
            assertTrue(
                    reported.get(2).startsWith("refused ") && !reported.get(2).contains("acme"), reported.get(2));
            assertTrue(secured.process().isAlive());
        }
    }

    /** @return a line for each user */
    private List<String> clients(int port, String... usersAndPasswords) throws Exception {
        Path output = folder.resolve("client.log");
        List<String> command = JavaCommand.java(
                RemoteClient.class,
                "-Djavax.net.ssl.trustStore=jmx/truststore.p12",
                "-Djavax.net.ssl.trustStorePassword=change-this");
        command.addAll(List.of(Integer.toString(port), "acme", "plain"));
        command.addAll(List.of(usersAndPasswords));
        Process client = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertTrue(client.waitFor(180, TimeUnit.SECONDS), "the client does not end");
        return Files.readAllLines(output);
    }

    @Test
    void a_new_jar_checks_the_files_and_prints_its_defaults() {
        for (String line : PAGE.block("run: check").strip().split("\n")) {
            String[] words = line.split(" ");
            assertEquals(List.of("java", "-jar"), Arrays.asList(words).subList(0, 2));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            PrintStream reported = new PrintStream(out, true, StandardCharsets.UTF_8);
            String[] options = Arrays.copyOfRange(words, 3, words.length);
            if (options[0].equals("--print-defaults")) {
                options[1] = folder.resolve(options[1]).toString();
            }
            assertEquals(0, CommandLine.in(folder, reported, reported, options), out::toString);
            assertFalse(out.toString(StandardCharsets.UTF_8).isBlank());
        }
        assertTrue(Files.exists(folder.resolve("defaults/application.properties")));
    }
}
