package io.engagementwebhooks.deploy;

import static io.engagementwebhooks.deploy.Manifests.at;
import static io.engagementwebhooks.deploy.Manifests.in;
import static io.engagementwebhooks.deploy.Manifests.list;
import static io.engagementwebhooks.deploy.Manifests.map;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.operate.Product;
import io.engagementwebhooks.operate.settings.Settings;
import io.engagementwebhooks.testkit.Budget;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.JavaCommand;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The product runs on exactly the environment that the manifests give it, where the folders of the container are folders of
 * this test.
 */
@Timeout(180)
class ManifestEnvironmentTest {

    private static final String BASE = "kubernetes/base/deployment.yaml";
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    Path container;

    private final int port = FreePort.any();
    private final int management = FreePort.any();

    @BeforeEach
    void mount() throws IOException {
        Path config = Files.createDirectories(container.resolve("etc/engagement-webhooks"));
        Files.writeString(
                config.resolve("webhooks.yaml"), inContainer(Manifests.text("kubernetes/base/webhooks.yaml")));
        Path secrets = Files.createDirectories(container.resolve("run/secrets/engagement-webhooks"));
        Files.writeString(secrets.resolve("store-key"), "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
        Files.writeString(secrets.resolve("operator-key"), "a-key-of-the-operator-that-is-long");
        Files.writeString(secrets.resolve("acme-api-key"), "a-key-of-acme-that-may-send");
        Files.writeString(secrets.resolve("acme-signing-secret"), "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3");
        Files.writeString(secrets.resolve("acme-crm-secret"), "a-secret-of-acme");
        Files.writeString(secrets.resolve("database-password"), "a-password");
        try (Stream<Path> files = Files.list(secrets)) {
            for (Path file : files.toList()) {
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
            }
        }
        Files.createDirectories(container.resolve("data"));
        Files.createDirectories(container.resolve("tmp"));
    }

    private String inContainer(String text) {
        return text.replaceAll("(?<=file:|sqlite:|sslrootcert=)/(?=run/|etc/|data/)", container + "/");
    }

    private static Map<String, String> environment(Map<String, Object> deployment) {
        Map<String, String> environment = new LinkedHashMap<>();
        list(in(deployment, "spec", "template", "spec", "containers", 0, "env"))
                .forEach(each -> environment.put(
                        (String) map(each).get("name"), (String) map(each).get("value")));
        return environment;
    }

    private Map<String, String> mounted(Map<String, String> environment) {
        Map<String, String> mounted = new LinkedHashMap<>();
        environment.forEach((name, value) -> mounted.put(name, inContainer(value)));
        return mounted;
    }

    private Process start(Map<String, String> environment, String... options) throws IOException {
        List<String> command = JavaCommand.product(
                "-Xmx256m",
                "-Djava.io.tmpdir=" + container.resolve("tmp"),
                // tests have another before it on their path
                "-Dlogback.configurationFile="
                        + Path.of("src/main/resources/logback.xml").toAbsolutePath());
        command.addAll(List.of(options));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(workingFolder().toFile())
                .redirectErrorStream(true)
                .redirectOutput(log().toFile());
        builder.environment().clear();
        builder.environment().putAll(mounted(environment));
        builder.environment().put("CAMEL_SERVER_PORT", Integer.toString(port));
        builder.environment().put("CAMEL_MANAGEMENT_PORT", Integer.toString(management));
        return builder.start();
    }

    private Path log() {
        return container.resolve("log");
    }

    private int status(String path, int at) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + at + path))
                .build();
        try {
            return CLIENT.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        } catch (IOException e) {
            return 0;
        }
    }

    @Test
    void the_base_starts_and_its_probes_are_answered() throws Exception {
        Map<String, Object> deployment = at(BASE);
        assertRuns(environment(deployment), probed(deployment), "/v1/events");
    }

    private static Map<String, Object> probed(Map<String, Object> workload) {
        return map(in(workload, "spec", "template", "spec", "containers", 0));
    }

    private void assertRuns(Map<String, String> environment, Map<String, Object> probed, String path) throws Exception {
        Map<String, String> all = new HashMap<>(mounted(environment));
        all.put("CAMEL_SERVER_PORT", Integer.toString(port));
        all.put("CAMEL_MANAGEMENT_PORT", Integer.toString(management));
        Properties name = new Properties();
        name.setProperty("camel.main.name", "manifest-" + management);
        Settings settings = Settings.read(workingFolder(), all, name);
        assertEquals(List.of(), settings.faults());
        Budget.PRODUCTS.use();
        Product product = Product.in(workingFolder(), settings);
        product.start();
        try {
            assertAnswers(probed, path, () -> {});
        } finally {
            product.stop();
        }
    }

    private Path workingFolder() {
        return container.resolve("etc/engagement-webhooks");
    }

    private void assertAnswers(Map<String, Object> probed, String path, Runnable isAlive) throws Exception {
        for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
            Map<String, Object> get = map(in(probed, probe, "httpGet"));
            Awaitility.await(probe).until(() -> {
                isAlive.run();
                return status((String) get.get("path"), management) == 200;
            });
        }
        HttpRequest event = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Authorization", "Bearer a-key-of-acme-that-may-send")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"id\":\"e1\",\"source\":\"/forms\",\"type\":\"form.sent\",\"data\":{}}"))
                .build();
        HttpResponse<String> answer = CLIENT.send(event, HttpResponse.BodyHandlers.ofString());
        assertEquals(202, answer.statusCode(), answer::body);
        assertTrue(Files.exists(container.resolve("data/webhooks.db")));
    }

    @Test
    @Tag("slow")
    void a_process_on_the_environment_of_the_base_logs_json_and_nothing_that_warns() throws Exception {
        Map<String, Object> deployment = at(BASE);
        assertLogsNoWarning(environment(deployment), probed(deployment), "/v1/events");
    }

    private void assertLogsNoWarning(Map<String, String> environment, Map<String, Object> probed, String path)
            throws Exception {
        Process process = start(environment);
        try {
            assertAnswers(probed, path, () -> assertTrue(process.isAlive(), () -> read(log())));
        } finally {
            process.destroy();
            assertTrue(process.waitFor(180, TimeUnit.SECONDS));
        }
        for (String line : Files.readAllLines(log())) {
            JsonNode json = new ObjectMapper().readTree(line);
            assertTrue(json.hasNonNull("level") && !json.get("level").asText().matches("WARN|ERROR"), line);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Test
    void the_environment_of_the_overlay_is_without_fault() throws Exception {
        Map<String, Object> scaled = map(Manifests.patched(at(BASE), at("kubernetes/overlays/scaled/deployment.yaml")));
        assertChecked(environment(scaled));
    }

    @Test
    void the_integration_of_camel_k_starts_with_its_pipe_and_its_probes_are_answered() throws Exception {
        Map<String, Object> integration = at("camel-k/integration.yaml");
        assertRuns(integrated(integration), probed(integration), "/v1/partner-events");
    }

    @Test
    @Tag("slow")
    void a_process_on_the_environment_of_camel_k_logs_json_and_nothing_that_warns() throws Exception {
        Map<String, Object> integration = at("camel-k/integration.yaml");
        assertLogsNoWarning(integrated(integration), probed(integration), "/v1/partner-events");
    }

    /** Mounts what the integration mounts. @return its environment */
    private Map<String, String> integrated(Map<String, Object> integration) throws IOException {
        List<Object> mounts = list(in(integration, "spec", "traits", "mount", "resources"));
        Path config = mounted(mounts, "configmap:engagement-webhooks-config@");
        Files.writeString(config.resolve("webhooks.yaml"), inContainer(Manifests.text("camel-k/webhooks.yaml")));
        Path routes = mounted(mounts, "configmap:engagement-webhooks-routes@");
        try (Stream<Path> files = Files.list(Path.of("routes"))) {
            for (Path file : files.toList()) {
                Files.copy(file, routes.resolve(file.getFileName()));
            }
        }
        String pipe = "50-partner-events.camel.yaml";
        Files.writeString(routes.resolve(pipe), Manifests.text("camel-k/" + pipe));
        Map<String, String> environment = new LinkedHashMap<>();
        list(in(integration, "spec", "traits", "environment", "vars")).forEach(each -> {
            String[] pair = each.toString().split("=", 2);
            environment.put(pair[0], pair[1]);
        });
        return environment;
    }

    /** The folder at which it is mounted. */
    private Path mounted(List<Object> mounts, String what) throws IOException {
        String path = mounts.stream()
                .map(Object::toString)
                .filter(mount -> mount.startsWith(what + "/"))
                .findFirst()
                .orElseThrow()
                .substring(what.length() + 1);
        return Files.createDirectories(container.resolve(path));
    }

    private void assertChecked(Map<String, String> environment) throws Exception {
        Process check = start(environment, "--check");
        assertTrue(check.waitFor(90, TimeUnit.SECONDS));
        assertEquals(0, check.exitValue(), () -> read(log()));
        assertTrue(read(log()).contains("settings, routes, configuration and store are fine"), () -> read(log()));
    }

    @Test
    void every_variable_is_a_setting_that_there_is() throws IOException {
        String defaults = Files.readString(Path.of("application.properties"));
        List<String> known = defaults.lines()
                .filter(line -> line.contains("=") && !line.startsWith("#"))
                .map(line -> line.substring(0, line.indexOf('='))
                        .toUpperCase(Locale.ROOT)
                        .replaceAll("[.-]", "_"))
                .toList();
        Map<String, Object> scaled = map(Manifests.patched(at(BASE), at("kubernetes/overlays/scaled/deployment.yaml")));
        for (String name : environment(scaled).keySet()) {
            assertTrue(known.contains(name) || name.equals("WEBHOOKS_LOG_FORMAT"), name);
        }
    }
}
