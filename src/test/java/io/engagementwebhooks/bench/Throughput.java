package io.engagementwebhooks.bench;

import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.Postgres;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Events accepted, stored, delivered and recorded per second, beside a plain Camel route that does none of it, in one run
 * on one machine. Every accepted event is looked for at the receiver by its id. Loopback only; ends by itself.
 *
 * <p>Arguments: seconds to warm up, seconds to measure, connections and, to measure it alone, an authentication and how many
 * webhooks each event goes to. Run it by {@code bench/run.sh}. With {@code BENCH_STORE=postgres} the store is
 * a PostgreSQL that is started here, on the same machine.
 */
public final class Throughput {

    private static final boolean POSTGRES = "postgres".equals(System.getenv("BENCH_STORE"));
    private static final int MOST_EVENTS = 5_000_000;
    private static final String KEY = "bench-ingest-key-0123456789";
    private static final String PADDING = "x".repeat(760);

    private final Vertx vertx = Vertx.vertx();
    private final int warmUp;
    private final int measure;
    private final int connections;
    private final Path jar = Path.of("target/engagement-webhooks.jar").toAbsolutePath();

    private final String only;
    private final int webhooks;

    private Throughput(String[] arguments) {
        only = arguments.length > 3 ? arguments[3] : "";
        webhooks = arguments.length > 4 ? Integer.parseInt(arguments[4]) : 1;
        warmUp = Integer.parseInt(arguments[0]);
        measure = Integer.parseInt(arguments[1]);
        connections = Integer.parseInt(arguments[2]);
    }

    /** What one run showed. */
    private record Figures(
            String name,
            double accepted,
            double delivered,
            double cpu,
            double p50,
            double p99,
            long lost,
            long doubled) {}

    public static void main(String[] arguments) throws Exception {
        Throughput bench = new Throughput(arguments);
        try {
            bench.run();
        } finally {
            bench.vertx.close();
        }
    }

    private void run() throws Exception {
        List<Figures> all = new ArrayList<>();
        if (only.isEmpty()) {
            all.add(baseline("baseline, before"));
        }
        for (String authentication : only.isEmpty() ? List.of("header", "oauth2") : List.of(only)) {
            all.add(product(authentication));
        }
        if (only.isEmpty()) {
            all.add(baseline("baseline, after"));
        }
        double baseline = (all.get(0).delivered() + all.get(all.size() - 1).delivered()) / 2;
        System.out.printf(
                Locale.ROOT,
                "%n%-20s %12s %12s %9s %9s %9s %8s %6s %8s%n",
                "run",
                "accepted/s",
                "delivered/s",
                "ratio",
                "cpu µs",
                "p50 ms",
                "p99 ms",
                "lost",
                "doubled");
        for (Figures f : all) {
            System.out.printf(
                    Locale.ROOT,
                    "%-20s %12.0f %12.0f %9.2f %9.1f %9.2f %8.2f %6d %8d%n",
                    f.name(),
                    f.accepted(),
                    f.delivered(),
                    f.delivered() / baseline,
                    f.cpu(),
                    f.p50(),
                    f.p99(),
                    f.lost(),
                    f.doubled());
        }
    }

    private Figures baseline(String name) throws Exception {
        Sink sink = new Sink(vertx, MOST_EVENTS);
        int port = FreePort.any();
        String classPath =
                jar + File.pathSeparator + Path.of("target/test-classes").toAbsolutePath();
        Process process = start(Path.of("."), "-cp", classPath, BaselineRoute.class.getName(), "" + port, sink.url());
        try {
            awaitAnswer(port, 200, null);
            return load(name, port, sink, process);
        } finally {
            stop(process);
        }
    }

    private Figures product(String authentication) throws Exception {
        Sink sink = new Sink(vertx, MOST_EVENTS);
        int port = FreePort.any();
        Path folder = Files.createTempDirectory("bench");
        Files.writeString(folder.resolve("webhooks.yaml"), setUp(authentication, sink.url()));
        List<String> arguments = new ArrayList<>(List.of(
                "-Dwebhooks.egress.allow=127.0.0.0/8",
                "-Dcamel.server.port=" + port,
                "-Dcamel.management.port=" + FreePort.any()));
        if (POSTGRES) {
            // the key is nobody's: what is sealed here is made up too
            arguments.addAll(List.of(
                    "-Dwebhooks.store.url=" + Postgres.newDatabase(),
                    "-Dwebhooks.store.user=" + Postgres.USER,
                    "-Dwebhooks.store.key=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="));
        }
        arguments.addAll(List.of("-jar", jar.toString()));
        Process process = start(folder, arguments.toArray(String[]::new));
        try {
            awaitAnswer(port, 401, folder);
            return load(authentication, port, sink, process);
        } finally {
            stop(process);
            delete(folder);
        }
    }

    private String setUp(String authentication, String url) {
        return """
                accounts:
                  - id: bench
                    apiKeys: [{name: load, role: ingest, key: %s}]
                    oauthClients:
                      - {name: idp, clientId: bench, clientSecret: bench-secret, authenticationEndpoint: "%s"}
                    webhooks:
                """
                        .formatted(KEY, url)
                + IntStream.range(0, webhooks)
                        .mapToObj(i -> webhook("sink-" + i, authentication, url))
                        .collect(Collectors.joining());
    }

    private static String webhook(String name, String authentication, String url) {
        return """
                      - name: %s
                        events: [call.ended]
                        delivery:
                          url: %s/hook
                          authentication: %s
                """
                .formatted(
                        name,
                        url,
                        authentication.equals("header")
                                ? "{type: header, user: bench, password: bench}"
                                : "{type: oauth2, client: idp}");
    }

    private Process start(Path folder, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx1g"));
        String more = System.getenv("BENCH_JAVA_OPTS");
        if (more != null && !more.isBlank()) {
            command.addAll(List.of(more.split(" ")));
        }
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.redirectErrorStream(true)
                .redirectOutput(
                        Path.of("target/bench-" + System.nanoTime() + ".log").toFile());
        return builder.start();
    }

    private static void stop(Process process) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }

    private void awaitAnswer(int port, int status, Path folder) throws Exception {
        java.net.http.HttpClient client = java.net.http.HttpClient.newHttpClient();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/events"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(event(MOST_EVENTS - 1)))
                .build();
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (System.nanoTime() < end) {
            try {
                if (client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == status) {
                    return;
                }
            } catch (IOException e) {
                // not there yet
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        throw new IllegalStateException("nothing answers on port " + port + " with " + status + " in " + folder);
    }

    private static String event(int id) {
        return "{\"specversion\":\"1.0\",\"id\":\"b-" + id
                + "\",\"source\":\"/bench/calls\",\"type\":\"call.ended\",\"subject\":\"call/" + id
                + "\",\"time\":\"2026-11-24T09:31:07Z\",\"datacontenttype\":\"application/json\",\"data\":{\"cdr_id\":"
                + id
                + ",\"duration\":192,\"answered\":true,\"note\":\"" + PADDING + "\"}}";
    }

    private Figures load(String name, int port, Sink sink, Process process) throws Exception {
        System.out.println(name + ": " + warmUp + " s to warm up, " + measure + " s to measure");
        HttpClient client = vertx.createHttpClient(new HttpClientOptions().setMaxPoolSize(connections));
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setHost("127.0.0.1")
                .setPort(port)
                .setURI("/v1/events")
                .putHeader("Authorization", "Bearer " + KEY)
                .putHeader("Content-Type", "application/cloudevents+json");
        long before = sink.arrived();
        Run run = new Run(client, options);
        long begin = System.nanoTime();
        run.begin(begin + TimeUnit.SECONDS.toNanos(warmUp), begin + TimeUnit.SECONDS.toNanos(warmUp + measure));
        TimeUnit.SECONDS.sleep(warmUp);
        long arrivedAtStart = sink.arrived();
        Duration usedAtStart = used(process);
        TimeUnit.SECONDS.sleep(measure);
        long arrived = sink.arrived() - arrivedAtStart;
        double delivered = arrived / (double) measure;
        double cpu = used(process).minus(usedAtStart).toNanos() / 1000.0 / arrived;
        run.done.await();
        int copies = name.startsWith("baseline") ? 1 : webhooks;
        awaitArrival(sink, before + run.accepted.sum() * copies);
        client.close();
        long lost = 0;
        long doubled = 0;
        for (int id = 0; id < run.next.get(); id++) {
            lost += run.wasAccepted(id) && sink.times(id) < copies ? 1 : 0;
            doubled += sink.times(id) > copies ? 1 : 0;
        }
        return new Figures(
                name,
                run.measured.sum() / (double) measure,
                delivered,
                cpu,
                run.percentile(50),
                run.percentile(99),
                lost,
                doubled);
    }

    /** Processor time that the process has used. */
    private static Duration used(Process process) {
        return process.info().totalCpuDuration().orElseThrow();
    }

    private static void awaitArrival(Sink sink, long all) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(120).toNanos();
        while (sink.arrived() < all && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        }
    }

    /** A closed loop on each connection: the next event goes out when the last one was answered. */
    private final class Run {
        private static final int LONGEST_MICROS = 10_000_000;

        private final HttpClient client;
        private final RequestOptions options;
        private final AtomicInteger next = new AtomicInteger();
        private final LongAdder accepted = new LongAdder();
        private final LongAdder measured = new LongAdder();
        private final java.util.BitSet ids = new java.util.BitSet(MOST_EVENTS);
        private final java.util.concurrent.atomic.AtomicIntegerArray micros =
                new java.util.concurrent.atomic.AtomicIntegerArray(LONGEST_MICROS / 10 + 1);
        private final CountDownLatch done = new CountDownLatch(connections);

        Run(HttpClient client, RequestOptions options) {
            this.client = client;
            this.options = options;
        }

        void begin(long from, long until) {
            for (int i = 0; i < connections; i++) {
                send(from, until);
            }
        }

        private void send(long from, long until) {
            long start = System.nanoTime();
            int id = next.getAndIncrement();
            if (start >= until || id >= MOST_EVENTS - 1) {
                next.decrementAndGet();
                done.countDown();
                return;
            }
            client.request(options)
                    .compose(request -> request.send(Buffer.buffer(event(id))))
                    .compose(response -> response.end().map(response.statusCode()))
                    .onComplete(answer -> {
                        if (answer.succeeded() && answer.result() / 100 == 2) {
                            took(id, start, from, until);
                        }
                        send(from, until);
                    });
        }

        private void took(int id, long start, long from, long until) {
            accepted.increment();
            synchronized (ids) {
                ids.set(id);
            }
            long end = System.nanoTime();
            if (start >= from && end <= until) {
                measured.increment();
                micros.incrementAndGet((int) Math.min(LONGEST_MICROS, (end - start) / 1000) / 10);
            }
        }

        boolean wasAccepted(int id) {
            return ids.get(id);
        }

        double percentile(double percent) {
            long all = measured.sum();
            long sum = 0;
            for (int i = 0; i < micros.length(); i++) {
                sum += micros.get(i);
                if (sum >= all * percent / 100) {
                    return i / 100.0;
                }
            }
            return 0;
        }
    }
}
