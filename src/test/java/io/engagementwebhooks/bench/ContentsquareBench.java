package io.engagementwebhooks.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.testkit.ContentsquareStandIn;
import io.engagementwebhooks.testkit.ContentsquareStandIn.Key;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Deliveries per second to the Contentsquare stand-in, one by one and in batches; then what is lost or doubled in effect
 * while the stand-in fails at random in a fifth of its calls and the product is killed three times. Loopback only; ends
 * by itself. Arguments: how many deliveries. Run it by {@code bench/contentsquare.sh}.
 */
public final class ContentsquareBench {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String KEY = "bench-admin-key-0123456789";
    private static final int AT_ONCE = 100;
    private static final int KILLS = 3;
    private static final double FAILING = 0.2;

    private final int count;
    private final Path jar = Path.of("target/engagement-webhooks.jar").toAbsolutePath();
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    private final int port = freePort();
    private Path folder;
    private Process product;

    private ContentsquareBench(int count) {
        this.count = count;
    }

    public static void main(String[] arguments) throws Exception {
        ContentsquareBench bench = new ContentsquareBench(Integer.parseInt(arguments[0]));
        bench.speed("one by one", 1);
        bench.speed("in batches of 50", 50);
        boolean whole = bench.killed();
        System.exit(whole ? 0 : 1);
    }

    private void speed(String name, int batchSize) throws Exception {
        try (ContentsquareStandIn standIn = new ContentsquareStandIn()) {
            open(standIn, batchSize);
            try {
                state("pause");
                acceptAll();
                long begin = System.nanoTime();
                state("resume");
                while (standIn.accepted().size() < count) {
                    TimeUnit.MILLISECONDS.sleep(5);
                }
                double seconds = (System.nanoTime() - begin) / 1e9;
                System.out.printf(
                        Locale.ROOT,
                        "%-20s %6d deliveries in %6.2f s: %7.0f/s, %6d requests, %d token requests%n",
                        name,
                        count,
                        seconds,
                        count / seconds,
                        standIn.batches().size(),
                        standIn.tokenRequests().size());
            } finally {
                close();
            }
        }
    }

    private boolean killed() throws Exception {
        try (ContentsquareStandIn standIn = new ContentsquareStandIn()) {
            standIn.failAtRandom(FAILING, new Random(42)::nextDouble);
            open(standIn, 50);
            try {
                state("pause");
                acceptAll();
                state("resume");
                for (int kill = 1; kill <= KILLS; kill++) {
                    int share = count * kill / (KILLS + 1);
                    await(() -> standIn.accepted().size() >= share);
                    product.destroyForcibly().waitFor();
                    start();
                }
                await(() -> waiting() == 0);
                return report(standIn);
            } finally {
                close();
            }
        }
    }

    private boolean report(ContentsquareStandIn standIn) throws Exception {
        Map<Key, JsonNode> accepted = standIn.accepted();
        Set<Integer> arrived = accepted.values().stream()
                .map(fields -> fields.get("call_duration").asInt())
                .collect(Collectors.toCollection(TreeSet::new));
        long lost = IntStream.range(0, count).filter(i -> !arrived.contains(i)).count();
        int doubled = accepted.size() - arrived.size();
        int repeated =
                standIn.writes().values().stream().mapToInt(times -> times - 1).sum();
        int notDelivered = listed("gave-up") + listed("skipped");
        System.out.printf(
                Locale.ROOT,
                "%-20s %6d deliveries, %d %% of calls failing, %d kills: %d lost, %d doubled in effect, %d ended otherwise;"
                        + " %d requests, %d writes repeated%n",
                "killed",
                count,
                (int) (FAILING * 100),
                KILLS,
                lost,
                doubled,
                notDelivered,
                standIn.batches().size(),
                repeated);
        return lost == 0 && doubled == 0 && notDelivered == 0;
    }

    // --- events: two calls of each session, so that numbers matter

    private void acceptAll() throws Exception {
        for (int from = 0; from < count; from += AT_ONCE) {
            String batch = IntStream.range(from, Math.min(count, from + AT_ONCE))
                    .mapToObj(ContentsquareBench::event)
                    .collect(Collectors.joining(",", "[", "]"));
            HttpResponse<String> answer = client.send(
                    request("/v1/events")
                            .header("Content-Type", "application/cloudevents-batch+json")
                            .POST(HttpRequest.BodyPublishers.ofString(batch))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 202) {
                throw new IllegalStateException(answer.statusCode() + " " + answer.body());
            }
        }
    }

    private static String event(int i) {
        return ("{\"specversion\":\"1.0\",\"id\":\"e%d\",\"source\":\"/calls\",\"type\":\"call.ended\",\"subject\":\"call/%d\","
                        + "\"data\":{\"call_duration\":%d,\"web\":{\"contentsquare\":"
                        + "{\"projectId\":1,\"userId\":\"u\",\"sessionNumber\":%d}}}}")
                .formatted(i, i, i, i / 2 + 1);
    }

    // --- the product, in a process of its own

    private void open(ContentsquareStandIn standIn, int batchSize) throws Exception {
        folder = Files.createTempDirectory("contentsquare-bench");
        Files.writeString(
                folder.resolve("webhooks.yaml"),
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: all, role: admin, key: %s}]
                    connections:
                      - name: insights
                        type: contentsquare
                        tokenUrl: "%s"
                        clientId: %s
                        clientSecret: %s
                        endpointSuffix: 127.0.0.1
                        batchSize: %d
                        schema: [{name: call_duration, type: INT}]
                    webhooks:
                      - name: calls
                        events: ["*"]
                        retry: [%s]
                        delivery: {authentication: {type: contentsquare, connection: insights}}
                """
                        .formatted(
                                KEY,
                                standIn.tokenUrl(),
                                ContentsquareStandIn.CLIENT_ID,
                                ContentsquareStandIn.CLIENT_SECRET,
                                batchSize,
                                Stream.generate(() -> "300ms").limit(20).collect(Collectors.joining(", "))));
        start();
    }

    private void start() throws Exception {
        product = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-Dwebhooks.egress.allow=127.0.0.0/8",
                        "-Dcamel.server.host=127.0.0.1",
                        "-Dcamel.server.port=" + port,
                        "-Dcamel.management.port=" + freePort(),
                        "-jar",
                        jar.toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(new File(folder.toFile(), "log")))
                .start();
        await(() -> {
            if (!product.isAlive()) {
                throw new IllegalStateException(Files.readString(folder.resolve("log")));
            }
            return read("/v1/deliveries?limit=1") != null;
        });
    }

    private void close() throws Exception {
        product.destroyForcibly().waitFor();
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        }
    }

    private void state(String change) throws Exception {
        HttpResponse<String> answer = client.send(
                request("/v1/webhooks/calls/" + change)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new IllegalStateException(answer.statusCode() + " " + answer.body());
        }
    }

    private long waiting() throws Exception {
        JsonNode webhooks = read("/v1/webhooks");
        return webhooks == null ? -1 : webhooks.at("/items/0/waiting").asLong(-1);
    }

    private int listed(String outcome) throws Exception {
        return read("/v1/deliveries?limit=200&outcome=" + outcome).get("items").size();
    }

    /** @return null: it does not answer now */
    private JsonNode read(String path) throws Exception {
        try {
            HttpResponse<String> answer = client.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() == 200 ? JSON.readTree(answer.body()) : null;
        } catch (IOException e) {
            return null;
        }
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(20))
                .header("Authorization", "Bearer " + KEY);
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(Condition condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
        while (!condition.holds()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("not within 5 minutes");
            }
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
