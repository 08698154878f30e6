package io.engagementwebhooks.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.testkit.ContentsquareStandIn;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.SalesforceStandIn;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Deliveries per second to the stand-in of each third party, one by one and in batches; then what is lost or doubled in
 * effect while the stand-in fails at random in a fifth of its calls and the product is killed three times. Loopback only;
 * ends by itself. Arguments: how many deliveries. Run it by {@code bench/third-parties.sh}.
 */
public final class ThirdPartyBench {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String KEY = "bench-admin-key-0123456789";
    private static final int AT_ONCE = 100;
    private static final int KILLS = 3;
    private static final double FAILING = 0.2;

    private final int count;
    private final int largestBatch;
    private final Callable<Party> parties;
    private final Path jar = Path.of("target/engagement-webhooks.jar").toAbsolutePath();
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    private final int port = FreePort.any();
    private Path folder;
    private Process product;

    private ThirdPartyBench(int count, int largestBatch, Callable<Party> parties) {
        this.count = count;
        this.largestBatch = largestBatch;
        this.parties = parties;
    }

    /** A third party's stand-in, and how to write to it. */
    private interface Party extends AutoCloseable {
        String name();

        /** The connection 'party', in the flow style of YAML. */
        String connection(int batchSize);

        /** The delivery of the webhook, in the flow style of YAML. */
        String delivery();

        void failAtRandom(double share, DoubleSupplier random);

        /** The numbers of the calls with an effect, one per effect. */
        List<Integer> effects();

        int requests();

        @Override
        void close();
    }

    private record Contentsquare(ContentsquareStandIn standIn) implements Party {
        @Override
        public String name() {
            return "contentsquare";
        }

        @Override
        public String connection(int batchSize) {
            return ("{name: party, type: contentsquare, tokenUrl: \"%s\", clientId: %s, clientSecret: %s,"
                            + " endpointSuffix: 127.0.0.1, batchSize: %d, schema: [{name: call_duration, type: INT}]}")
                    .formatted(
                            standIn.tokenUrl(),
                            ContentsquareStandIn.CLIENT_ID,
                            ContentsquareStandIn.CLIENT_SECRET,
                            batchSize);
        }

        @Override
        public String delivery() {
            return "{authentication: {type: contentsquare, connection: party}}";
        }

        @Override
        public void failAtRandom(double share, DoubleSupplier random) {
            standIn.failAtRandom(share, random);
        }

        @Override
        public List<Integer> effects() {
            return standIn.accepted().values().stream()
                    .map(fields -> fields.get("call_duration").asInt())
                    .toList();
        }

        @Override
        public int requests() {
            return standIn.batches().size();
        }

        @Override
        public void close() {
            standIn.close();
        }
    }

    private record Salesforce(SalesforceStandIn standIn) implements Party {
        @Override
        public String name() {
            return "salesforce";
        }

        @Override
        public String connection(int batchSize) {
            return ("{name: party, type: salesforce, loginUrl: \"%s\", clientId: %s, clientSecret: \"%s\","
                            + " instanceSuffix: 127.0.0.1, batchSize: %d}")
                    .formatted(standIn.url(), SalesforceStandIn.CLIENT_ID, SalesforceStandIn.CLIENT_SECRET, batchSize);
        }

        @Override
        public String delivery() {
            return "{authentication: {type: salesforce, connection: party}, salesforce: {object: Task,"
                    + " externalId: Call_Id__c, externalIdValue: \"{call_duration}\","
                    + " fields: {Subject: Call, CallDurationInSeconds: \"{call_duration}\"}}}";
        }

        @Override
        public void failAtRandom(double share, DoubleSupplier random) {
            standIn.failAtRandom(share, random);
        }

        @Override
        public List<Integer> effects() {
            return standIn.records().stream()
                    .map(entry -> entry.fields().get("CallDurationInSeconds").asInt())
                    .toList();
        }

        @Override
        public int requests() {
            return standIn.calls();
        }

        @Override
        public void close() {
            standIn.close();
        }
    }

    private static Party salesforce() {
        SalesforceStandIn standIn = SalesforceStandIn.start();
        standIn.allow(100_000_000);
        return new Salesforce(standIn);
    }

    public static void main(String[] arguments) throws Exception {
        int count = Integer.parseInt(arguments[0]);
        boolean whole = new ThirdPartyBench(count, 50, () -> new Contentsquare(new ContentsquareStandIn())).run();
        whole &= new ThirdPartyBench(count, 200, ThirdPartyBench::salesforce).run();
        System.exit(whole ? 0 : 1);
    }

    private boolean run() throws Exception {
        speed(1);
        speed(largestBatch);
        return killed();
    }

    private void speed(int batchSize) throws Exception {
        try (Party party = parties.call()) {
            open(party, batchSize);
            try {
                state("pause");
                acceptAll();
                long begin = System.nanoTime();
                state("resume");
                await(() -> party.effects().size() >= count);
                double seconds = (System.nanoTime() - begin) / 1e9;
                System.out.printf(
                        Locale.ROOT,
                        "%-14s up to %3d a request: %6d deliveries in %6.2f s, %6.0f/s, %6d requests%n",
                        party.name(),
                        batchSize,
                        count,
                        seconds,
                        count / seconds,
                        party.requests());
            } finally {
                close();
            }
        }
    }

    private boolean killed() throws Exception {
        try (Party party = parties.call()) {
            party.failAtRandom(FAILING, new Random(42)::nextDouble);
            open(party, largestBatch);
            try {
                state("pause");
                acceptAll();
                state("resume");
                for (int kill = 1; kill <= KILLS; kill++) {
                    int share = count * kill / (KILLS + 1);
                    await(() -> party.effects().size() >= share);
                    product.destroyForcibly().waitFor();
                    start();
                }
                await(() -> waiting() == 0);
                return report(party);
            } finally {
                close();
            }
        }
    }

    private boolean report(Party party) throws Exception {
        List<Integer> effects = party.effects();
        Set<Integer> arrived = new TreeSet<>(effects);
        long lost = IntStream.range(0, count).filter(i -> !arrived.contains(i)).count();
        int doubled = effects.size() - arrived.size();
        int notDelivered = listed("gave-up") + listed("skipped");
        System.out.printf(
                Locale.ROOT,
                "%-14s %d %% of calls failing, %d kills: %d deliveries, %d lost, %d doubled in effect, %d ended otherwise,"
                        + " %d requests%n",
                party.name(),
                (int) (FAILING * 100),
                KILLS,
                count,
                lost,
                doubled,
                notDelivered,
                party.requests());
        return lost == 0 && doubled == 0 && notDelivered == 0;
    }

    // --- events: two calls of each session, so that numbers matter

    private void acceptAll() throws Exception {
        for (int from = 0; from < count; from += AT_ONCE) {
            String batch = IntStream.range(from, Math.min(count, from + AT_ONCE))
                    .mapToObj(ThirdPartyBench::event)
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

    // --- the product, in its own process

    private void open(Party party, int batchSize) throws Exception {
        folder = Files.createTempDirectory("third-party-bench");
        Files.writeString(
                folder.resolve("webhooks.yaml"),
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: all, role: admin, key: %s}]
                    connections:
                      - %s
                    webhooks:
                      - {name: calls, events: ["*"], retry: [%s], delivery: %s}
                """
                        .formatted(
                                KEY,
                                party.connection(batchSize),
                                Stream.generate(() -> "300ms").limit(20).collect(Collectors.joining(", ")),
                                party.delivery()));
        start();
    }

    private void start() throws Exception {
        product = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-Dwebhooks.egress.allow=127.0.0.0/8",
                        "-Dcamel.server.host=127.0.0.1",
                        "-Dcamel.server.port=" + port,
                        "-Dcamel.management.port=" + FreePort.any(),
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

    /** @return null without a response */
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
}
