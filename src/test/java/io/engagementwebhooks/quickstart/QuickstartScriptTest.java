package io.engagementwebhooks.quickstart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.Tools;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What {@code quickstart.sh} says before it builds or starts anything. */
@DisabledOnOs(OS.WINDOWS)
class QuickstartScriptTest {

    private record Said(int code, String out, String err) {}

    @TempDir
    Path folder;

    @BeforeEach
    void aShell() {
        Tools.assume("bash");
    }

    @Test
    void an_unknown_option_gets_the_usage_and_code_2() throws Exception {
        Said said = run(Map.of(), "--nope");
        assertEquals(2, said.code());
        assertTrue(said.err().startsWith("quickstart: there is no option --nope\nusage: ./quickstart.sh"), said.err());
    }

    @Test
    void what_is_no_port_gets_the_usage_and_code_2() throws Exception {
        for (String port : List.of("", "x", "-1", "65536", "999999")) {
            Said said = run(Map.of(), "--port", port);
            assertEquals(2, said.code(), port);
            assertTrue(said.err().startsWith("quickstart: --port needs a port, 0 to 65535\nusage:"), said.err());
        }
    }

    @Test
    void help_is_no_mistake() throws Exception {
        Said said = run(Map.of(), "--help");
        assertEquals(0, said.code());
        assertTrue(said.out().startsWith("usage: ./quickstart.sh"), said.out());
    }

    @Test
    void a_taken_port_is_said_in_one_line() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            int port = taken.getLocalPort();
            for (String option : List.of("--port", "--management-port")) {
                Said said = run(Map.of(), "--port", "0", "--management-port", "0", option, "" + port);
                assertEquals(1, said.code());
                assertEquals("", said.out());
                assertEquals(
                        "quickstart: port " + port + " is taken: another program listens on it; use " + option + " N\n",
                        said.err());
            }
        }
    }

    @Test
    void a_missing_or_old_jdk_is_said_in_one_line() throws Exception {
        Said missing = run(Map.of("JAVA_HOME", folder.toString()), "--once");
        assertEquals(1, missing.code());
        assertEquals(
                "quickstart: a JDK 17 or later is needed, and there is none (JAVA_HOME is " + folder
                        + "); install one, or set JAVA_HOME to it\n",
                missing.err());

        Path bin = Files.createDirectory(folder.resolve("bin"));
        for (String tool : List.of("java", "javac")) {
            Path old = bin.resolve(tool);
            Files.writeString(old, "#!/bin/sh\necho 'java version \"1.8.0_392\"' >&2\n");
            assertTrue(old.toFile().setExecutable(true));
        }
        Said old = run(Map.of("JAVA_HOME", folder.toString()), "--once");
        assertEquals(1, old.code());
        assertTrue(old.err().startsWith("quickstart: a JDK 17 or later is needed, and this is 1.8.0_392"), old.err());
        assertEquals(1, old.err().lines().count());
    }

    private Said run(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("bash", "quickstart.sh"));
        command.addAll(List.of(arguments));
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            assertTrue(process.waitFor(180, TimeUnit.SECONDS), "it said nothing and went on");
            return new Said(process.exitValue(), text(out), text(err));
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static String text(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8);
    }
}
