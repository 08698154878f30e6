package io.engagementwebhooks;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Raw;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.SeparateProduct;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A separate process whose limit of open files is lowered to what it has open, as if others had used them up. */
@Tag("slow")
class OutOfDescriptorsTest {

    private static final String KEY = "an-admin-key-of-acme";

    @Test
    void what_cannot_be_opened_costs_a_receiver_no_attempt_and_is_no_fault_of_a_file(@TempDir Path folder)
            throws Exception {
        try (Receiver warm = new Receiver(got -> new Receiver.Reply(200));
                Receiver receiver = new Receiver(got -> new Receiver.Reply(200));
                SeparateProduct product = new SeparateProduct(folder, KEY)) {
            Files.writeString(folder.resolve("webhooks.yaml"), configuration(warm, receiver));
            product.start(withJar(folder));
            post(product, "warm", "call.first");
            await().until(() -> warm.requests().size() == 1);

            limit(product, Long.toString(openFiles(product)));
            List<Raw> idle = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                idle.add(new Raw(product.port()));
            }
            // by then they have taken what was free below the highest number
            await().until(() -> product.log().contains("process.out-of-file-descriptors"));
            Raw waiting = new Raw(product.port());
            waiting.send("GET /v1/openapi.yaml HTTP/1.0\r\n\r\n");
            post(product, "cold", "call.second");
            await().until(() ->
                    delivery(product, "cold").path("reason").asText().contains("no file descriptor"));
            assertEquals("waiting", delivery(product, "cold").path("state").asText());
            assertEquals(0, delivery(product, "cold").path("attemptCount").asInt());
            Files.writeString(folder.resolve("webhooks.yaml"), "\n# saved\n", StandardOpenOption.APPEND);
            assertEquals(0, receiver.requests().size());

            limit(product, "4096");
            await().until(() -> delivery(product, "cold").path("state").asText().equals("delivered"));
            assertEquals(1, delivery(product, "cold").path("attemptCount").asInt());
            assertEquals(200, waiting.answer().status(), "it was not accepted, and not refused either");
            waiting.close();
            idle.forEach(Raw::close);
            assertSaidOnce(product.log());
        }
    }

    private static void assertSaidOnce(String log) {
        assertEquals(2, log.split("process.out-of-file-descriptors", -1).length, log);
        for (String wrong :
                List.of("reset the connection", "this process may read", "cannot be judged", "exceptionCaught")) {
            assertFalse(log.contains(wrong), log);
        }
    }

    private static String configuration(Receiver warm, Receiver receiver) {
        return """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: an-admin-key-of-acme}]
                    webhooks:
                      - name: first
                        events: [call.first]
                        delivery: {url: "%s"}
                      - name: second
                        events: [call.second]
                        delivery: {url: "%s"}
                """
                .formatted(warm.url(), receiver.url());
    }

    private static void post(SeparateProduct product, String id, String type) throws IOException {
        String event = "{\"specversion\":\"1.0\",\"id\":\"" + id + "\",\"source\":\"/s\",\"type\":\"" + type
                + "\",\"data\":{}}";
        assertEquals(202, product.send("/v1/events", event).statusCode());
    }

    private static JsonNode delivery(SeparateProduct product, String event) {
        List<JsonNode> deliveries = product.deliveries(event);
        assertEquals(1, deliveries.size());
        return deliveries.get(0);
    }

    private static long openFiles(SeparateProduct product) throws IOException {
        try (Stream<Path> files =
                Files.list(Path.of("/proc", Long.toString(product.process().pid()), "fd"))) {
            return files.mapToLong(file -> Long.parseLong(file.getFileName().toString()))
                            .max()
                            .orElseThrow()
                    + 1;
        }
    }

    /** Of the running process. */
    private static void limit(SeparateProduct product, String files) throws Exception {
        Process prlimit = new ProcessBuilder(
                        "prlimit", "--pid", Long.toString(product.process().pid()), "--nofile=" + files + ":")
                .inheritIO()
                .start();
        assertEquals(0, prlimit.waitFor());
    }

    /** The launcher of a product whose classes are in one file, as they are shipped: a folder needs a descriptor for each. */
    private static List<String> withJar(Path folder) throws Exception {
        Path classes = Path.of(EngagementWebhooks.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        assertTrue(Files.isDirectory(classes));
        Path jar = folder.resolve("product.jar");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out);
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(file -> !file.equals(classes)).toList()) {
                String name = classes.relativize(file).toString().replace(File.separatorChar, '/');
                entries.putNextEntry(new JarEntry(Files.isDirectory(file) ? name + "/" : name));
                if (Files.isRegularFile(file)) {
                    Files.copy(file, entries);
                }
            }
        }
        return List.of(
                "bash", "-c", "a=(\"${@/" + escaped(classes) + "/" + escaped(jar) + "}\"); exec \"${a[@]}\"", "--");
    }

    private static String escaped(Path path) {
        return path.toString().replace("/", "\\/");
    }
}
