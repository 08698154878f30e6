package io.engagementwebhooks.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import org.awaitility.Awaitility;

/**
 * The product as a separate process in a folder, for tests that would affect this process. It may deliver to loopback
 * by plain HTTP. Thread-safe, except for start and stop.
 */
public final class SeparateProduct implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PATIENCE_SECONDS = 180;

    private final Path folder;
    private final String key;
    private final int port = FreePort.any();
    private final int management = FreePort.any();
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    private Process process;

    /**
     * @param folder holds its {@code webhooks.yaml}
     * @param key an admin key of it
     */
    public SeparateProduct(Path folder, String key) {
        this.folder = folder;
        this.key = key;
    }

    /** Starts it, and does not wait. @param launcher a command in front, such as a shell; empty: none */
    public Process launch(List<String> launcher, String... properties) {
        List<String> options = new ArrayList<>(List.of(
                "-Xmx256m",
                "-XX:-UsePerfData",
                "-Dwebhooks.egress.allow=127.0.0.0/8",
                "-Dcamel.server.host=127.0.0.1",
                "-Dcamel.server.port=" + port,
                "-Dcamel.management.port=" + management));
        for (String property : properties) {
            options.add("-D" + property);
        }
        List<String> command = new ArrayList<>(launcher);
        command.addAll(JavaCommand.product(options.toArray(String[]::new)));
        try {
            process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            folder.resolve("log").toFile()))
                    .start();
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts it, and returns when it accepts events. */
    public void start(List<String> launcher, String... properties) {
        launch(launcher, properties);
        Awaitility.await("it is ready")
                .atMost(Duration.ofSeconds(PATIENCE_SECONDS))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    if (!process.isAlive()) {
                        throw new AssertionError("the product ended: " + log());
                    }
                    return status("/v1/deliveries?limit=1", null) == 200;
                });
    }

    public Process process() {
        return process;
    }

    /** Its port. */
    public int port() {
        return port;
    }

    /** The most memory that was resident at a time, in KiB. */
    public long residentKibibytes() {
        try {
            return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stops it by SIGTERM and waits. @return the exit code */
    public int terminate() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("it does not end: " + log());
        }
        return process.exitValue();
    }

    public String log() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a call event of this id. @return the status; 0: there was no answer */
    public int post(String id) {
        return post(id, "");
    }

    /** Sends one with further members, each behind a comma. */
    public int post(String id, String members) {
        return status(
                "/v1/events",
                "{\"specversion\":\"1.0\",\"id\":\"" + id + "\",\"source\":\"/calls\",\"type\":\"call.ended\"" + members
                        + ",\"data\":{}}");
    }

    /** POSTs nothing to a path, as for an action of the API. @return the status; 0: there was no answer */
    public int handle(String path) {
        return status(path, "");
    }

    /** The JSON response to a GET of a path. */
    public JsonNode read(String path) {
        try {
            return JSON.readTree(send(path, null).body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The deliveries of an event. */
    public List<JsonNode> deliveries(String event) {
        List<JsonNode> items = new ArrayList<>();
        read("/v1/deliveries?limit=200&event=" + event).path("items").forEach(items::add);
        return items;
    }

    /** The status of its readiness probe; 0: there was no answer. */
    public int ready() {
        try {
            return readiness().statusCode();
        } catch (IOException e) {
            return 0;
        }
    }

    /** The response of its readiness probe. */
    public HttpResponse<String> readiness() throws IOException {
        return send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + management + "/observe/health/ready"))
                .build());
    }

    private int status(String path, String body) {
        try {
            return send(path, body).statusCode();
        } catch (IOException e) {
            return 0;
        }
    }

    /**
     * Sends a request.
     *
     * @param body JSON that is POSTed, or null: GET
     */
    public HttpResponse<String> send(String path, String body) throws IOException {
        return send(path, body, "application/json");
    }

    /** The same of another media type. */
    public HttpResponse<String> send(String path, String body, String type) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(20))
                .header("Authorization", "Bearer " + key);
        if (body != null) {
            request.header("Content-Type", type).POST(HttpRequest.BodyPublishers.ofString(body));
        }
        return send(request.build());
    }

    private HttpResponse<String> send(HttpRequest request) throws IOException {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly();
        }
    }
}
