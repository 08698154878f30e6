package io.engagementwebhooks.operate;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.operate.routes.InFlightCounts;
import io.engagementwebhooks.operate.routes.RouteFiles;
import io.engagementwebhooks.operate.routes.RouteFollower;
import io.engagementwebhooks.operate.routes.RouteSwap;
import io.engagementwebhooks.operate.settings.BundledDefaults;
import io.engagementwebhooks.operate.settings.Settings;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.ObjectName;
import org.apache.camel.CamelContext;

/**
 * A product whose route files the tests of a class change. Each test has an account and its own receiver, and puts the
 * files back as they were.
 */
public final class RoutesUnderTest implements AutoCloseable {

    /** The route that the tests change most: one that delivers. */
    public static final String BRANCH = "routes/31-deliver-header.camel.yaml";

    private static final int MOST_TESTS = 40;
    private static final String KEY = "an-admin-key-of-acme-";

    private final Path folder;
    private final Map<Path, byte[]> kept = new TreeMap<>();
    private final Receiver receiver = new Receiver(this::answer);
    private RunningProduct product;
    private Set<Thread> threadsBefore;
    private volatile CountDownLatch slow = new CountDownLatch(0);
    private boolean followed;
    private int tests;

    public RoutesUnderTest(Path folder) {
        this.folder = folder;
    }

    /** The default routes, and a folder for Kamelets. */
    public void writeDefaults() throws IOException {
        BundledDefaults.write(folder);
        Files.deleteIfExists(folder.resolve("application.properties"));
    }

    /** Starts the product on the files that are there. */
    public void start(String... settings) throws IOException {
        List<String> all = new ArrayList<>(List.of(settings));
        all.add("camel.component.kamelet.location=file:" + file("kamelet-catalog") + ",classpath:kamelets");
        all.add("camel.main.jmxManagementStatisticsLevel=Default");
        all.add("camel.main.jmxManagementMBeansLevel=Default");
        threadsBefore = Thread.getAllStackTraces().keySet();
        product = RunningProduct.start(folder, accounts(), all.toArray(String[]::new));
        followed = !threads("route-files").isEmpty();
        for (Path file : present()) {
            kept.put(file, Files.readAllBytes(file));
        }
    }

    /** All there at the start: a webhook that is added later sends one request first, and the next ones after its answer. */
    private String accounts() {
        StringBuilder text = new StringBuilder("accounts:\n");
        for (int i = 1; i <= MOST_TESTS; i++) {
            text.append(
                    """
                      - id: acme-%d
                        apiKeys: [{name: staff, role: admin, key: %s}]
                        webhooks:
                          - name: all
                            events: ["*"]
                            delivery:
                              url: "%s"
                              timeout: 30s
                              authentication: {type: header, user: u, password: p}
                    """
                            .formatted(i, KEY + i, receiver.url().resolve("/acme-" + i)));
        }
        return text.toString();
    }

    /** The threads since the start whose names end so; a product that another test has stopped may still have some. */
    Set<Thread> threads(String nameEnd) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().endsWith(nameEnd) && !threadsBefore.contains(thread))
                .collect(Collectors.toSet());
    }

    /** Whether the product has begun to follow its files by itself. */
    public boolean isFollowed() {
        return followed;
    }

    void restart() {
        product.stop();
        threadsBefore = Thread.getAllStackTraces().keySet();
        product.start();
    }

    /** A test begins: events whose id begins with "slow" are answered when it says so. */
    public void begin() {
        tests++;
        slow = new CountDownLatch(1);
    }

    private Receiver.Reply answer(Receiver.Got got) {
        try {
            if (got.body().contains("\"slow")) {
                slow.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return new Receiver.Reply(204);
    }

    void releaseSlow() {
        slow.countDown();
    }

    /** A test ends: the files are as they were. */
    public void end() throws IOException {
        releaseSlow();
        // only what differs, so that a look in between sees no half of a folder
        kept.forEach(RoutesUnderTest::put);
        for (Path file : present()) {
            if (!kept.containsKey(file)) {
                Files.delete(file);
            }
        }
    }

    private static void put(Path file, byte[] bytes) {
        try {
            if (!Files.exists(file) || !Arrays.equals(bytes, Files.readAllBytes(file))) {
                Files.createDirectories(file.getParent());
                Files.write(file, bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Path> present() throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path root : List.of(file("routes"), file("kamelet-catalog"))) {
            if (Files.exists(root)) {
                try (Stream<Path> all = Files.walk(root)) {
                    all.filter(file -> !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))
                            .forEach(files::add);
                }
            }
        }
        return files;
    }

    @Override
    public void close() {
        product.close();
        receiver.close();
    }

    public RunningProduct product() {
        return product;
    }

    public CamelContext camel() {
        return product.camel();
    }

    /** What the receiver got from the test that runs. */
    public List<Receiver.Got> received() {
        return receiver.requests().stream()
                .filter(got -> got.target().getPath().equals("/acme-" + tests))
                .toList();
    }

    /** The product's. */
    RouteFollower follower() {
        return product.part("routeFollower", RouteFollower.class);
    }

    /** The product looks at the files twice, and so activates their new content, or finds its faults. */
    void takeUp() {
        follower().check();
        follower().check();
    }

    public RouteFiles routeFiles() {
        return RouteFiles.of(folder, null, settings());
    }

    public Settings settings() {
        return product.part(Wiring.SETTINGS, Settings.class);
    }

    public RouteSwap swap() {
        return new RouteSwap(camel(), (InFlightCounts) camel().getInflightRepository());
    }

    public Path file(String name) {
        return folder.resolve(name);
    }

    public String text(String name) throws IOException {
        return Files.readString(file(name));
    }

    public void save(String name, String text) throws IOException {
        Files.createDirectories(file(name).getParent());
        Files.writeString(file(name), text);
    }

    public void replace(String name, String part, String other) throws IOException {
        save(name, text(name).replace(part, other));
    }

    /** Adds a step to {@link #BRANCH}. */
    public void addStep(String id) throws IOException {
        save(
                BRANCH,
                text(BRANCH)
                        .replaceFirst(
                                "(\\n +)- process:\\n +id: authorize-by-header",
                                "$1- setProperty:$1    id: " + id
                                        + "$1    name: seen$1    constant:$1      expression: x$0"));
    }

    /** How many exchanges a step has seen. */
    long passed(String step) throws Exception {
        ObjectName name = new ObjectName(
                "org.apache.camel:context=" + camel().getManagementName() + ",type=processors,name=\"" + step + "\"");
        return (long) ManagementFactory.getPlatformMBeanServer().getAttribute(name, "ExchangesTotal");
    }

    public String key() {
        return KEY + tests;
    }

    /** Sends an event; it is accepted. */
    public void send(String id) {
        assertEquals(202, product.postEvent(key(), event(id)).statusCode());
    }

    /** Sends an event whose request the receiver keeps until it is released, and waits until it has it. */
    public void sendSlow(String id) {
        send(id);
        await().until(() -> received().size() == 1);
    }

    public JsonNode awaitDelivery(String id, String state) {
        return product.awaitDeliveries(key(), id, 1, state).get(0);
    }

    public static String event(String id) {
        return "{\"id\":\"" + id + "\",\"source\":\"/s\",\"type\":\"call.ended\"}";
    }

    /** What a route answers. */
    public String requested(String endpoint) {
        try (var template = camel().createProducerTemplate()) {
            return template.requestBody(endpoint, "", String.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A route from a {@code direct:} of its name, of one step. */
    public static String route(String id, String step) {
        return "- route: {id: " + id + ", from: {uri: 'direct:" + id + "', steps: [{" + step + "}]}}\n";
    }

    /** A Kamelet that answers. */
    public static String kamelet(String name, String answer) {
        return """
                apiVersion: camel.apache.org/v1
                kind: Kamelet
                metadata:
                  name: %s
                  labels: {camel.apache.org/kamelet.type: action}
                spec:
                  definition: {title: Greet Action, type: object}
                  template:
                    from:
                      uri: "kamelet:source"
                      steps:
                        - setBody: {constant: {expression: "%s"}}
                """
                .formatted(name, answer);
    }
}
