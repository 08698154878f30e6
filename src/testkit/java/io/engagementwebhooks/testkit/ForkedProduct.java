package io.engagementwebhooks.testkit;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The product as a separate process, which can be killed, frozen and resumed. */
public final class ForkedProduct implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    private final Path folder;
    private final String key;
    private final int port = FreePort.any();
    private final Process process;

    private ForkedProduct(Path folder, String key, List<String> settings) {
        this.folder = folder;
        this.key = key;
        List<String> options = new ArrayList<>(List.of(
                "-Xmx256m",
                "-Dwebhooks.egress.allow=127.0.0.0/8",
                "-Dcamel.server.host=127.0.0.1",
                "-Dcamel.server.port=" + port,
                "-Dcamel.management.port=" + FreePort.any()));
        settings.forEach(setting -> options.add("-D" + setting));
        try {
            process = new ProcessBuilder(JavaCommand.product(options.toArray(String[]::new)))
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(new File(folder.toFile(), "log")))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Starts it in a folder and returns when it accepts events.
     *
     * @param config the text of its configuration file
     * @param key an admin key in it
     * @param settings {@code key=value}
     */
    public static ForkedProduct start(Path folder, String config, String key, String... settings) {
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("webhooks.yaml"), config);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ForkedProduct product = new ForkedProduct(folder, key, List.of(settings));
        await().atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(50))
                .until(product::takesEvents);
        return product;
    }

    private boolean takesEvents() throws InterruptedException {
        if (!process.isAlive()) {
            throw new AssertionError("the product ended: " + log());
        }
        try {
            return client.send(request("/v1/deliveries?limit=1", null), HttpResponse.BodyHandlers.ofString())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /** Its log. */
    public String log() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private HttpRequest request(String path, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(20))
                .header("Authorization", "Bearer " + key);
        return body == null
                ? request.build()
                : request.header("Content-Type", "application/cloudevents+json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();
    }

    /** Sends an event. @throws IOException if there is no response */
    public HttpResponse<String> post(String event) throws IOException, InterruptedException {
        return client.send(request("/v1/events", event), HttpResponse.BodyHandlers.ofString());
    }

    /** The response to a GET of a path. */
    public JsonNode read(String path) throws IOException, InterruptedException {
        return JSON.readTree(client.send(request(path, null), HttpResponse.BodyHandlers.ofString())
                .body());
    }

    /** Kills it by SIGKILL. */
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor(180, TimeUnit.SECONDS);
    }

    /** Freezes it by SIGSTOP, with open connections. */
    public void freeze() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** Resumes it by SIGCONT. */
    public void wakeUp() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        Signals.send(process.pid(), name);
    }

    @Override
    public void close() {
        try {
            if (process.isAlive()) {
                wakeUp();
                kill();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
