package io.engagementwebhooks.config.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.config.FileSnapshot;
import io.engagementwebhooks.testkit.ConfigReaders;
import io.engagementwebhooks.testkit.JavaCommand;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Configuration files that would need more memory than there is, by size or by structure. */
class LargeFilesTest {

    private static final Placeholders NONE =
            Placeholders.of(variable -> Optional.empty(), Path.of("."), property -> Optional.empty());

    @TempDir
    Path folder;

    private static List<Fault> faults(String text) {
        return assertThrows(ConfigFaults.class, () -> ConfigReaders.lenient().read(bytes(text), NONE))
                .faults();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void a_file_above_the_limit_is_not_read() throws Exception {
        Path file = folder.resolve("webhooks.yaml");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(1L << 40);
        }

        ConfigFaults refused =
                assertThrows(ConfigFaults.class, () -> ConfigReaders.lenient().read(file, NONE));

        assertTrue(
                refused.getMessage().contains("is larger than " + (YamlText.LARGEST >> 20) + " MiB"),
                refused::getMessage);
        assertTrue(refused.getMessage().contains("-Xmx"), refused::getMessage);
        assertEquals(
                FileSnapshot.at(file, List.of(), NONE, null).content(),
                FileSnapshot.at(file, List.of(), NONE, null).content());
    }

    @ParameterizedTest
    @ValueSource(strings = {"[],", "{},", "x,", "&a x,", "[[],[]],"})
    void a_file_with_too_many_nodes_is_refused_with_its_line(String part) throws Exception {
        String text = "accounts: [\n" + part.repeat(1_000) + "x]";

        ConfigFaults refused = assertThrows(ConfigFaults.class, () -> YamlText.compose(bytes(text), 1_000));

        assertEquals(2, refused.faults().get(0).line());
        assertTrue(
                refused.getMessage().contains("holds more than 1000 values, lists and mappings"), refused::getMessage);
        YamlText.compose(bytes(text), 10_000);
    }

    /** Nested lists of nine references each ("billion laughs"). */
    private static String laughs(int levels) {
        StringBuilder text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < levels; i++) {
            text.append("a").append(i).append(": &a").append(i).append(" [");
            text.append(("*a" + (i - 1) + ", ").repeat(9)).append("]\n");
        }
        return text.append("accounts: *a").append(levels - 1).append("\n").toString();
    }

    @Test
    void an_alias_bomb_is_refused() {
        assertTrue(faults(laughs(11)).get(0).toString().contains("values, lists and mappings"));
        assertTrue(faults("a: &a []\nb: [" + "*a, ".repeat(101) + "]")
                .get(0)
                .toString()
                .contains("aliases more than 100 times"));
    }

    @Test
    void an_alias_bomb_within_a_webhook_is_refused() {
        String webhook =
                "accounts:\n- id: a\n  webhooks:\n  - name: x\n" + laughs(11).indent(4);
        assertTrue(faults(webhook).get(0).toString().contains("values, lists and mappings"));
    }

    @Test
    void of_many_faults_the_first_and_the_number_of_the_others_are_reported() {
        List<Fault> faults = faults("accounts:\n" + "- []\n".repeat(12_000));

        assertEquals(10_001, faults.size());
        assertEquals("has 2000 more faults", faults.get(10_000).rule());
    }

    @ParameterizedTest
    @ValueSource(strings = {"[],", "{},", "x,", "[[],[]],", "\"\\u0041\","})
    @Tag("slow")
    void no_file_exhausts_the_memory_of_the_smallest_process(String part) throws Exception {
        Path file = folder.resolve("webhooks.yaml");
        Files.writeString(file, "accounts: [" + part.repeat((32 << 20) / part.length() - 10) + "x]");

        Process process = new ProcessBuilder(
                        command(JavaCommand.java(Reading.class, "-Xmx256m", "-XX:+ExitOnOutOfMemoryError"), file))
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertEquals(0, process.waitFor(), said);
        assertTrue(said.contains("holds more than"), said);
    }

    private static List<String> command(List<String> java, Path file) {
        java.add(file.toString());
        return java;
    }

    /** Reads a file. */
    static final class Reading {
        private Reading() {}

        public static void main(String[] arguments) throws Exception {
            try {
                ConfigReaders.lenient().read(Path.of(arguments[0]), NONE);
            } catch (ConfigFaults refused) {
                System.out.println(refused.getMessage());
            }
        }
    }
}
