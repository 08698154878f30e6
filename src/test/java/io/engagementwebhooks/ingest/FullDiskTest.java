package io.engagementwebhooks.ingest;

import static io.engagementwebhooks.testkit.Needed.needed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.JavaCommand;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk that takes no more: the product runs as a process of its own whose files may not grow beyond some megabytes,
 * so that SQLite's writes fail as they do then.
 */
@Timeout(300)
class FullDiskTest {

    private static final String KEY = "an-admin-key-of-acme";
    private static final Pattern READY = Pattern.compile("ready version=.* ingest=(http://\\S+)/v1/events");
    private static final String SET_UP =
            """
            accounts:
              - id: acme
                apiKeys: [{name: staff, role: admin, key: an-admin-key-of-acme}]
                webhooks:
                  - name: all
                    events: ["*"]
                    delivery: {url: "https://nobody.invalid/", authentication: {type: none}}
            """;

    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void events_get_503_and_what_was_accepted_before_is_there_and_nothing_else(@TempDir Path folder) throws Exception {
        needed(Files.isExecutable(Path.of("/bin/sh")), "limits of a process are set by a shell");
        int accepted = 0;
        Process process = limited(folder);
        try {
            String base = ready(process);
            assertEquals(200, send(base, "/v1/webhooks/all/pause", "").statusCode());
            HttpResponse<String> answer = send(base, "/v1/events", event(accepted));
            while (answer.statusCode() == 202 && accepted < 500) {
                accepted++;
                answer = send(base, "/v1/events", event(accepted));
            }
            assertEquals(503, answer.statusCode(), answer.body());
            assertEquals(
                    "urn:engagement-webhooks:problem:store-unavailable",
                    RunningProduct.json(answer).get("type").asText());
            assertTrue(answer.headers().firstValue("Retry-After").isPresent());
            assertFalse(answer.body().contains("SQLITE"), answer.body());
            assertTrue(accepted > 0);
        } finally {
            process.destroy();
            if (!process.waitFor(180, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
        try (RunningProduct product = RunningProduct.start(folder, SET_UP)) {
            assertEquals(
                    accepted,
                    product.read("/v1/webhooks/all", KEY).get("waiting").asInt());
            HttpResponse<String> again = product.postEvent(KEY, event(accepted));
            assertEquals(202, again.statusCode(), again.body());
            HttpResponse<String> last = product.postEvent(KEY, event(accepted - 1));
            assertEquals(200, last.statusCode(), last.body());
        }
    }

    private static Process limited(Path folder) throws IOException {
        Files.writeString(folder.resolve("webhooks.yaml"), SET_UP);
        Files.writeString(
                folder.resolve("application.properties"),
                "webhooks.config=file:webhooks.yaml\ncamel.server.host=127.0.0.1\ncamel.server.port=0\n"
                        + "camel.management.enabled=false\n");
        // blocks of 512 bytes: SQLite's native library, which is unpacked, must fit too
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", "ulimit -f 16384; exec \"$0\" \"$@\""));
        command.addAll(JavaCommand.product("-Xmx256m", "-XX:-UsePerfData"));
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
    }

    /** Reads the log until it says where it listens; the rest of it is read on, so that the process is not held up. */
    private static String ready(Process process) throws IOException {
        StringBuilder seen = new StringBuilder();
        BufferedReader log = process.inputReader();
        for (String line = log.readLine(); line != null; line = log.readLine()) {
            seen.append(line).append('\n');
            Matcher ready = READY.matcher(line);
            if (ready.find()) {
                Thread reading = new Thread(() -> drain(log), "log");
                reading.setDaemon(true);
                reading.start();
                return ready.group(1);
            }
        }
        throw new AssertionError("it does not start: " + seen);
    }

    private static void drain(BufferedReader log) {
        try {
            log.transferTo(Writer.nullWriter());
        } catch (IOException e) {
            // the process has ended
        }
    }

    private static String event(int number) {
        return "{\"id\":\"e" + number + "\",\"source\":\"/s\",\"type\":\"call.ended\",\"data\":\"" + "x".repeat(200_000)
                + "\"}";
    }

    private HttpResponse<String> send(String base, String path, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + path))
                .header("Authorization", "Bearer " + KEY)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }
}
