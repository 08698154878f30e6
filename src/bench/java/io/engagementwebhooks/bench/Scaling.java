package io.engagementwebhooks.bench;

import io.engagementwebhooks.testkit.FreePort;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The cost of a delivery with a store in PostgreSQL: bytes on disk and in the write-ahead log, transactions, processor
 * time of server and product; with one instance and with several. Everything on this machine; ends by itself.
 *
 * <p>Arguments: seconds to warm up, seconds to measure, connections, and how many instances in each run, by commas. Run
 * it by {@code bench/scaling.sh}.
 */
public final class Scaling {

    private static final int MOST_EVENTS = 5_000_000;
    private static final int WEBHOOKS = 32;
    private static final String KEY = "bench-ingest-key-0123456789";
    private static final String PADDING = "x".repeat(760);
    private static final Path JAR = Path.of("target/engagement-webhooks.jar").toAbsolutePath();
    private static final List<String> TABLES = List.of("event", "delivery", "attempt");

    private final Vertx vertx = Vertx.vertx();
    private final int warmUp;
    private final int measure;
    private final int connections;
    private final Path folder = Files.createTempDirectory("scaling");
    private EmbeddedPostgres server;

    private Scaling(String[] arguments) throws IOException {
        warmUp = Integer.parseInt(arguments[0]);
        measure = Integer.parseInt(arguments[1]);
        connections = Integer.parseInt(arguments[2]);
    }

    public static void main(String[] arguments) throws Exception {
        Scaling bench = new Scaling(arguments);
        try {
            for (String instances : arguments[3].split(",")) {
                bench.run(Integer.parseInt(instances));
            }
            // kept after a failure, for its logs
            Program.delete(bench.folder);
        } finally {
            bench.vertx.close();
        }
        System.exit(0);
    }

    /** Resource use up to a time. */
    private record Sample(
            long deliveries,
            long accepted,
            long walBytes,
            long fullPages,
            long commits,
            Duration server,
            Duration product) {}

    private void run(int instances) throws Exception {
        Sink sink = new Sink(vertx, MOST_EVENTS);
        server = EmbeddedPostgres.builder()
                .setDataDirectory(folder.resolve("pg-" + instances))
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .setServerConfig("max_connections", "200")
                .setServerConfig("max_wal_size", "4GB")
                .setServerConfig("shared_preload_libraries", library().orElse(""))
                .start();
        List<Process> processes = new ArrayList<>();
        List<Integer> ports = new ArrayList<>();
        try {
            if (library().isPresent()) {
                execute("CREATE EXTENSION pg_stat_statements");
            }
            for (int i = 0; i < instances; i++) {
                int port = FreePort.any();
                ports.add(port);
                processes.add(start("instance-" + instances + "-" + i, port, sink.url()));
                awaitAnswer(port);
            }
            awaitShares(instances);
            measure(instances, sink, ports, processes);
        } finally {
            for (Process process : processes) {
                process.destroy();
                process.waitFor(180, TimeUnit.SECONDS);
            }
            server.close();
        }
    }

    private static Optional<String> library() {
        return Optional.ofNullable(System.getenv("BENCH_STATEMENTS")).filter(name -> !name.isEmpty());
    }

    private void measure(int instances, Sink sink, List<Integer> ports, List<Process> processes) throws Exception {
        HttpClient client = vertx.createHttpClient(new HttpClientOptions().setMaxPoolSize(connections));
        Load load = new Load(client, ports);
        load.begin(System.nanoTime() + TimeUnit.SECONDS.toNanos(warmUp + measure));
        TimeUnit.SECONDS.sleep(warmUp);
        if (library().isPresent()) {
            execute("SELECT pg_stat_statements_reset()");
        }
        Sample before = read(sink, load, processes);
        TimeUnit.SECONDS.sleep(measure);
        Sample after = read(sink, load, processes);
        load.done.await();
        client.close();
        Measuring.await(() -> sink.arrived() >= load.accepted.get(), Duration.ofSeconds(120));
        long missing = IntStream.range(0, load.next.get())
                .filter(id -> load.wasAccepted(id) && sink.times(id) == 0)
                .count();
        tell(instances, before, after, missing);
    }

    private void tell(int instances, Sample before, Sample after, long missing) throws SQLException {
        double n = after.deliveries() - before.deliveries();
        long commits = after.commits() - before.commits();
        print(
                "%n%d instance(s), %d s, %d connections, 1 event = 1 delivery = 1 attempt of 1 KB",
                instances, measure, connections);
        print(
                "  accepted / delivered per second  %10.0f /%7.0f   missing at the receiver %d",
                (after.accepted() - before.accepted()) / (double) measure, n / measure, missing);
        print(
                "  processor, µs a delivery         %10.1f product, %.1f server",
                after.product().minus(before.product()).toNanos() / 1000.0 / n,
                after.server().minus(before.server()).toNanos() / 1000.0 / n);
        print(
                "  write-ahead log, bytes           %10.0f a delivery, of which full pages %.0f %%",
                (after.walBytes() - before.walBytes()) / n,
                100.0 * (after.fullPages() - before.fullPages()) * 8192 / (after.walBytes() - before.walBytes()));
        print(
                "  transactions                     %10.1f a second, %.1f deliveries each",
                commits / (double) measure, n / commits);
        if (library().isPresent()) {
            statements(n);
        }
        execute("VACUUM ANALYZE");
        double all = number("SELECT count(*) FROM attempt");
        double sum = 0;
        for (String table : TABLES) {
            double heap = number(size(table, "pg_table_size")) / all;
            double indexes = number(size(table, "pg_indexes_size")) / all;
            sum += heap + indexes;
            print("  on disk, bytes                   %10.0f in %s, %.0f in its indexes", heap, table, indexes);
        }
        print("  on disk, bytes                   %10.0f a delivery in all, of %.0f deliveries", sum, all);
    }

    /** Of a table and its partitions. */
    private static String size(String table, String function) {
        return "SELECT sum(" + function + "(c.oid)) FROM pg_class c WHERE c.oid = '" + table
                + "'::regclass OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = '" + table
                + "'::regclass)";
    }

    private void statements(double deliveries) throws SQLException {
        print("  statements, of most time first (calls, rows and µs of execution a call, µs a delivery)");
        try (Connection connection = connection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT calls, rows::float8 / calls, 1000 * mean_exec_time, 1000 * total_exec_time, left(regexp_replace(query,"
                                + " '\\s+', ' ', 'g'), 90) FROM pg_stat_statements WHERE query !~* 'pg_stat|pg_sleep' ORDER BY total_exec_time DESC LIMIT 16")) {
            while (rows.next()) {
                print(
                        "  %8d %8.1f %10.1f %8.2f  %s",
                        rows.getLong(1),
                        rows.getDouble(2),
                        rows.getDouble(3),
                        rows.getDouble(4) / deliveries,
                        rows.getString(5));
            }
        }
    }

    private static void print(String format, Object... values) {
        System.out.printf(Locale.ROOT, format + "%n", values);
    }

    private Sample read(Sink sink, Load load, List<Process> products) throws Exception {
        Duration product = Duration.ZERO;
        for (Process each : products) {
            product = product.plus(each.info().totalCpuDuration().orElseThrow());
        }
        return new Sample(
                sink.arrived(),
                load.accepted.get(),
                (long) number("SELECT wal_bytes FROM pg_stat_wal"),
                (long) number("SELECT wal_fpi FROM pg_stat_wal"),
                (long) number("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"),
                serverTime(),
                product);
    }

    /** Of all its processes, those that have ended too. */
    private Duration serverTime() throws IOException {
        long ticks = 0;
        try (Stream<Path> clusters = Files.list(folder)) {
            for (Path cluster : clusters.filter(path -> Files.exists(path.resolve("postmaster.pid")))
                    .toList()) {
                long first = Long.parseLong(Files.readAllLines(cluster.resolve("postmaster.pid"))
                        .get(0)
                        .strip());
                ProcessHandle postmaster = ProcessHandle.of(first).orElseThrow();
                ticks += ticks(first, true);
                ticks += postmaster
                        .descendants()
                        .mapToLong(child -> ticks(child.pid(), false))
                        .sum();
            }
        }
        return Duration.ofMillis(ticks * 10);
    }

    private static long ticks(long pid, boolean withEnded) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            long own = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
            return withEnded ? own + Long.parseLong(fields[13]) + Long.parseLong(fields[14]) : own;
        } catch (IOException e) {
            return 0; // it has ended, and its time is counted at its parent
        }
    }

    private Connection connection() throws SQLException {
        return DriverManager.getConnection(url(), "postgres", "");
    }

    private String url() {
        return "jdbc:postgresql://localhost:" + server.getPort() + "/postgres";
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = connection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private double number(String sql) throws SQLException {
        try (Connection connection = connection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getDouble(1);
        }
    }

    private Process start(String name, int port, String receiver) throws IOException {
        Path home = Files.createDirectory(folder.resolve(name));
        Files.writeString(home.resolve("webhooks.yaml"), config(receiver));
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx1g"));
        command.addAll(List.of(
                "-Dwebhooks.egress.allow=127.0.0.0/8",
                "-Dcamel.server.port=" + port,
                "-Dcamel.management.port=" + FreePort.any(),
                "-Dwebhooks.store.url=" + url(),
                "-Dwebhooks.store.user=postgres",
                // a fixed key: the encrypted data is fictitious too
                "-Dwebhooks.store.key=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
                "-jar",
                JAR.toString()));
        return new ProcessBuilder(command)
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("log").toFile())
                .start();
    }

    /** As many as are spread over all partitions that instances share. */
    private static String config(String receiver) {
        return "accounts:\n  - id: bench\n    apiKeys: [{name: load, role: ingest, key: " + KEY + "}]\n    webhooks:\n"
                + IntStream.range(0, WEBHOOKS)
                        .mapToObj(i -> "      - {name: sink-" + i + ", events: [call.t" + i + "], delivery: {url: \""
                                + receiver
                                + "/hook\", authentication: {type: header, user: bench, password: bench}}}\n")
                        .collect(Collectors.joining());
    }

    private static String event(int id) {
        return "{\"specversion\":\"1.0\",\"id\":\"b-" + id + "\",\"source\":\"/bench/calls\",\"type\":\"call.t"
                + id % WEBHOOKS
                + "\",\"subject\":\"call/" + id
                + "\",\"time\":\"2026-11-24T09:31:07Z\",\"datacontenttype\":\"application/json\",\"data\":{\"cdr_id\":"
                + id
                + ",\"duration\":192,\"answered\":true,\"note\":\"" + PADDING + "\"}}";
    }

    private void awaitAnswer(int port) throws Exception {
        HttpClient client = vertx.createHttpClient();
        long end = System.nanoTime() + Duration.ofSeconds(120).toNanos();
        while (System.nanoTime() < end) {
            try {
                client.request(HttpMethod.GET, port, "127.0.0.1", "/v1/events")
                        .compose(request -> request.send())
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get(5, TimeUnit.SECONDS);
                return;
            } catch (java.util.concurrent.ExecutionException e) {
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
        throw new IllegalStateException("nothing answers on port " + port + "; its log is in " + folder);
    }

    private void awaitShares(int instances) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (number("SELECT count(DISTINCT owner) FROM partition") < instances && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    /** A closed loop on each connection, over the instances in turn. */
    private final class Load {
        private final HttpClient client;
        private final List<Integer> ports;
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicInteger accepted = new AtomicInteger();
        private final java.util.BitSet ids = new java.util.BitSet(MOST_EVENTS);
        private final CountDownLatch done = new CountDownLatch(connections);

        Load(HttpClient client, List<Integer> ports) {
            this.client = client;
            this.ports = ports;
        }

        void begin(long until) {
            for (int i = 0; i < connections; i++) {
                send(until);
            }
        }

        private void send(long until) {
            if (System.nanoTime() >= until || next.get() >= MOST_EVENTS - connections) {
                done.countDown();
                return;
            }
            int id = next.getAndIncrement();
            RequestOptions options = new RequestOptions()
                    .setMethod(HttpMethod.POST)
                    .setHost("127.0.0.1")
                    .setPort(ports.get(id % ports.size()))
                    .setURI("/v1/events")
                    .putHeader("Authorization", "Bearer " + KEY)
                    .putHeader("Content-Type", "application/cloudevents+json");
            client.request(options)
                    .compose(request -> request.send(Buffer.buffer(event(id))))
                    .compose(response -> response.end().map(response.statusCode()))
                    .onComplete(answer -> {
                        if (answer.succeeded() && answer.result() == 202) {
                            accepted.incrementAndGet();
                            synchronized (ids) {
                                ids.set(id);
                            }
                        }
                        send(until);
                    });
        }

        boolean wasAccepted(int id) {
            return ids.get(id);
        }
    }
}
