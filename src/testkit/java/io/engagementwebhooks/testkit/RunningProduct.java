package io.engagementwebhooks.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.config.ConfigStatus;
import io.engagementwebhooks.operate.ActiveConfig;
import io.engagementwebhooks.operate.Product;
import io.engagementwebhooks.operate.settings.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.awaitility.Awaitility;

/**
 * The whole product in this process: its routes, a real SQLite file, real HTTP on free loopback ports. It may deliver
 * to loopback by plain HTTP. Helpers send to it and read back over HTTP only.
 *
 * <p>{@link #shared} gives accounts in the one product that all test classes of this process share: a start takes as
 * long as ten tests. {@link #start} starts another, for a test that stops it, changes its settings or its routes, or
 * measures the process; such a class gives the reason in its first line. {@link Budget} limits their number.
 */
public final class RunningProduct implements AutoCloseable {

    /** The operator's key of the shared product. */
    public static final String OPERATOR = "the-key-of-the-operator-0000";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final Path folder;
    private final Map<String, String> settings;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    /** The product: this one, or the shared one with these accounts. */
    private final RunningProduct host;

    private final Tenants.Tenant tenant;
    private final Tenants tenants;
    private Product product;
    private int managementPort;

    private RunningProduct(Path folder, Map<String, String> settings) {
        this.folder = folder;
        this.settings = settings;
        this.host = this;
        this.tenant = null;
        this.tenants = new Tenants(this);
    }

    private RunningProduct(RunningProduct host, Tenants.Tenant tenant) {
        this.folder = host.folder;
        this.settings = host.settings;
        this.host = host;
        this.tenant = tenant;
        this.tenants = host.tenants;
    }

    /**
     * Adds accounts to the product of this process, started on first use. They get unique names and keys, see
     * {@link #account} and {@link #key}; methods here accept the keys of the text. {@link #close()} removes the
     * accounts; what they stored stays.
     *
     * @param webhooksYaml the text of a configuration file
     */
    public static RunningProduct shared(String webhooksYaml) {
        return SharedProduct.get().with(webhooksYaml);
    }

    /** Adds accounts to this product as {@link #shared} does; they stay when it restarts. */
    public RunningProduct with(String webhooksYaml) {
        return new RunningProduct(host, tenants.add(webhooksYaml));
    }

    /**
     * Starts it, and returns when it accepts events.
     *
     * @param folder its folder: configuration file, store and settings lie there; a {@code routes} folder in it is used
     * @param webhooksYaml the text of the configuration file
     * @param settings {@code key=value}, over the defaults
     */
    public static RunningProduct start(Path folder, String webhooksYaml, String... settings) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("webhooks.config", "file:" + folder.resolve("webhooks.yaml"));
        all.put("webhooks.store.url", "jdbc:sqlite:" + folder.resolve("data").resolve("webhooks.db"));
        all.put(
                "webhooks.store.crash-journal",
                folder.resolve("data").resolve("evaluating").toString());
        all.put("webhooks.egress.allow", "127.0.0.0/8");
        all.put("camel.server.host", "127.0.0.1");
        all.put("camel.server.port", "0");
        all.put("camel.main.shutdownTimeout", "5");
        // otherwise each stop waits up to half a second for idle threads
        all.put("camel.component.quartz.interruptJobsOnShutdown", "true");
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            all.put(setting.substring(0, equals), setting.substring(equals + 1));
        }
        RunningProduct running = new RunningProduct(folder, all);
        running.config(webhooksYaml);
        running.start();
        return running;
    }

    /** Replaces the configuration file; a running product polls it, the shared one reloads it at once. */
    public void config(String webhooksYaml) {
        if (tenant == null) {
            tenants.base(webhooksYaml);
            write("webhooks.yaml", tenants.text());
        } else {
            tenants.change(tenant, webhooksYaml);
        }
    }

    /** Writes the configuration file and, if it runs, reads it. @throws IllegalArgumentException if the file has faults */
    void reread() {
        write("webhooks.yaml", tenants.text());
        if (product == null) {
            return;
        }
        ActiveConfig config = part("config", ActiveConfig.class);
        config.reread();
        ConfigStatus status = config.status();
        if (status.state() != ConfigStatus.State.CURRENT) {
            throw new IllegalArgumentException(status.summary() + " " + status.faults());
        }
    }

    /** The name of an account whose name in the text is given. */
    public String account(String inText) {
        return tenant == null ? inText : tenant.account(inText);
    }

    /** The API key for one in the text; other keys unchanged. */
    public String key(String inText) {
        return tenant == null ? inText : tenant.key(inText);
    }

    private void isOwn() {
        if (tenant != null) {
            throw new UnsupportedOperationException(
                    "only the test that started a product may stop it; start a separate one");
        }
    }

    /** Starts it again after {@link #stop()}, on its folder, with new ports. */
    public void start() {
        isOwn();
        Budget.PRODUCTS.use();
        managementPort = FreePort.any();
        settings.put("camel.management.port", Integer.toString(managementPort));
        // two in one process need two names: Quartz keeps its schedulers by them
        settings.put("camel.main.name", "product-" + managementPort);
        StringBuilder text = new StringBuilder();
        settings.forEach((key, value) ->
                text.append(key).append('=').append(value.replace("\\", "\\\\")).append('\n'));
        write("application.properties", text.toString());
        Settings read = Settings.read(folder, Map.of(), new Properties());
        if (!read.faults().isEmpty()) {
            throw new IllegalArgumentException(read.faults().toString());
        }
        product = Product.in(folder, read);
        try {
            product.start();
        } catch (Exception e) {
            throw new IllegalStateException("the product does not start: " + root(e), e);
        }
    }

    /** Stops it gracefully; its folder stays. */
    public void stop() {
        isOwn();
        if (product != null) {
            product.stop();
            product = null;
        }
    }

    @Override
    public void close() {
        if (tenant == null) {
            stop();
        } else {
            tenants.remove(tenant);
        }
    }

    private static Throwable root(Throwable fault) {
        return fault.getCause() == null ? fault : root(fault.getCause());
    }

    private void write(String name, String text) {
        try {
            Files.createDirectories(folder);
            // the product may read it at any time
            Path whole = Files.writeString(folder.resolve(name + ".new"), text);
            Files.move(whole, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return host.product.port();
    }

    public URI url(String path) {
        return URI.create("http://127.0.0.1:" + port() + path);
    }

    /** On the management port. */
    public URI managementUrl(String path) {
        return URI.create("http://127.0.0.1:" + host.managementPort + path);
    }

    public Path storeFile() {
        return folder.resolve("data").resolve("webhooks.db");
    }

    public CamelContext camel() {
        return host.product.camel();
    }

    /** A part of it by the name and type it is bound under, such as {@code store}. */
    public <T> T part(String name, Class<T> type) {
        return camel().getRegistry().lookupByNameAndType(name, type);
    }

    public HttpResponse<String> send(HttpRequest request) {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /**
     * A request to a path.
     *
     * @param key an API key, or null: none
     */
    public HttpRequest.Builder request(String path, String key) {
        HttpRequest.Builder request = HttpRequest.newBuilder(url(path)).timeout(PATIENCE);
        return key == null ? request : request.header("Authorization", "Bearer " + key(key));
    }

    public HttpResponse<String> get(String path, String key) {
        return send(request(path, key).GET().build());
    }

    public HttpResponse<String> post(String path, String key, String contentType, String body) {
        return send(request(path, key)
                .header("Content-Type", contentType)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    /** Sends an event in plain JSON. */
    public HttpResponse<String> postEvent(String key, String event) {
        return post("/v1/events", key, "application/json", event);
    }

    /** The id of a webhook of the account of a key. */
    public String webhookId(String key, String name) {
        return read("/v1/webhooks/" + name, key).get("id").asText();
    }

    /** What a path answers by GET, which must be 200, as JSON. */
    public JsonNode read(String path, String key) {
        HttpResponse<String> answer = get(path, key);
        if (answer.statusCode() != 200) {
            throw new AssertionError(path + " answered " + answer.statusCode() + ": " + answer.body());
        }
        return json(answer);
    }

    public static JsonNode json(HttpResponse<String> answer) {
        try {
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new AssertionError("not JSON: " + answer.body(), e);
        }
    }

    /**
     * Waits until every delivery of an event has one of the states given.
     *
     * @return the deliveries, newest first
     */
    public JsonNode awaitDeliveries(String key, String eventId, int count, String... states) {
        List<String> wanted = List.of(states);
        String path = "/v1/deliveries?event="
                + java.net.URLEncoder.encode(eventId, java.nio.charset.StandardCharsets.UTF_8) + "&limit=200";
        return Awaitility.await(count + " deliveries of " + eventId + " in " + wanted)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> read(path, key).get("items"), items -> {
                    if (items.size() != count) {
                        return false;
                    }
                    for (JsonNode item : items) {
                        if (!wanted.contains(item.get("state").asText())) {
                            return false;
                        }
                    }
                    return true;
                });
    }
}
