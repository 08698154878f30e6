package io.engagementwebhooks.bench.cluster;

import io.engagementwebhooks.testkit.ForkedProduct;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.Postgres;
import io.engagementwebhooks.testkit.Signals;
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
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Several instances on one PostgreSQL under load, while in each round one of them, or the database, fails. Accounts for each
 * acknowledged event at the receivers, and ends with status 1 if anything was lost, late, repeated or out of order.
 */
public final class ClusterRounds implements AutoCloseable {

    private static final Duration LEASE = Duration.ofSeconds(5);
    private static final Duration LATENCY = Duration.ofMillis(100);
    /** Beyond the lease: heartbeats, connections, the reading of due rows. */
    private static final Duration TAKEOVER = Duration.ofSeconds(2);

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String KEY = "cluster-rounds-key-0123456789";
    private static final int WEBHOOKS = 10;
    private static final int RATE_LIMIT = 20;
    private static final int SENDERS_PER_INSTANCE = 4;

    /** What fails in a round. */
    private enum Fault {
        KILLED,
        SUSPENDED,
        CUT_OFF,
        DATABASE_KILLED,
        DATABASE_SUSPENDED;

        boolean isOfDatabase() {
            return this == DATABASE_KILLED || this == DATABASE_SUSPENDED;
        }
    }

    private final Path folder;
    private final int perSecond;
    private final int port = FreePort.any();
    private final Arrivals arrivals = new Arrivals(LATENCY);
    private final List<DatabaseProxy> ways = new ArrayList<>();
    private final List<ForkedProduct> instances = new ArrayList<>();
    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private final AtomicLong sent = new AtomicLong();
    private EmbeddedPostgres server;

    private ClusterRounds(Path folder, int instances, int perSecond) throws IOException {
        this.folder = folder;
        this.perSecond = perSecond;
        startServer();
        for (int i = 0; i < instances; i++) {
            ways.add(new DatabaseProxy(port));
            this.instances.add(start(i));
        }
    }

    /** @param arguments how many rounds, instances and events a second */
    public static void main(String[] arguments) throws Exception {
        int rounds = Integer.parseInt(arguments[0]);
        Path folder = Files.createTempDirectory("cluster");
        System.out.println(folder + " has the logs\n");
        System.out.printf(
                Locale.ROOT,
                "%5s  %-18s %12s %5s %8s %9s %11s %9s %8s%n",
                "round",
                "fault",
                "acknowledged",
                "lost",
                "repeated",
                "in flight",
                "pause in ms",
                "disorder",
                "per s");
        int faults = 0;
        try (ClusterRounds run =
                new ClusterRounds(folder, Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]))) {
            for (int i = 0; i < rounds; i++) {
                faults += run.round(i + 1, Fault.values()[i % Fault.values().length], i % run.instances.size());
            }
        }
        System.out.println(faults == 0 ? "\nall rounds hold" : "\n" + faults + " rounds do not hold");
        System.exit(faults == 0 ? 0 : 1);
    }

    private void startServer() throws IOException {
        server = EmbeddedPostgres.builder()
                .setPort(port)
                .setPGStartupWait(PATIENCE)
                .setDataDirectory(folder.resolve("pg"))
                .setCleanDataDirectory(false)
                .setServerConfig("max_connections", "100")
                .start();
    }

    private ForkedProduct start(int number) {
        return ForkedProduct.start(
                folder.resolve("instance-" + number),
                config(),
                KEY,
                "webhooks.store.url=jdbc:postgresql://localhost:"
                        + ways.get(number).port() + "/postgres",
                "webhooks.store.user=" + Postgres.USER,
                "webhooks.store.key=" + Base64.getEncoder().encodeToString(new byte[32]),
                "webhooks.store.lease=" + LEASE.toSeconds() + "s");
    }

    private String config() {
        StringBuilder config = new StringBuilder("accounts:\n  - id: acme\n    apiKeys: [{name: all, role: admin, key: "
                + KEY + "}]\n" + "    webhooks:\n");
        for (int i = 0; i < WEBHOOKS; i++) {
            config.append(webhook("w" + i, ""));
        }
        return config.append(webhook("ordered", ", fifo: {key: data.key}"))
                .append(webhook("limited", ", rateLimit: " + RATE_LIMIT + "/s"))
                .toString();
    }

    private String webhook(String name, String more) {
        return "      - {name: " + name + ", events: [" + name + "], delivery: {url: \"" + arrivals.url() + name
                + "\", authentication: {type: none}" + more + "}, retry: [1s, 2s, 5s, 10s, 10s]}\n";
    }

    // --- a round

    /** @return 1 if it does not hold */
    private int round(int number, Fault fault, int instance) throws Exception {
        arrivals.clear();
        long roundBegin = System.currentTimeMillis();
        acknowledged.clear();
        AtomicBoolean stop = new AtomicBoolean();
        List<Thread> senders = new ArrayList<>();
        for (int i = 0; i < instances.size() * SENDERS_PER_INSTANCE; i++) {
            int sending = i;
            Thread sender = new Thread(() -> send(sending, stop), "load-" + i);
            sender.start();
            senders.add(sender);
        }
        pause(Duration.ofSeconds(5));
        long begin = System.nanoTime();
        long inFlight = fail(fault, instance);
        pause(LEASE.plus(TAKEOVER));
        stop.set(true);
        for (Thread sender : senders) {
            sender.join();
        }
        await(() -> pending() == 0);
        return report(number, fault, begin, inFlight, mostBegunInASecond("limited", roundBegin));
    }

    /** @return the requests in flight then */
    private long fail(Fault fault, int instance) throws Exception {
        long inFlight = arrivals.inFlight(System.nanoTime());
        switch (fault) {
            case KILLED -> {
                instances.get(instance).kill();
                pause(LEASE.plus(TAKEOVER));
                instances.set(instance, start(instance));
            }
            case SUSPENDED -> {
                instances.get(instance).freeze();
                pause(LEASE.multipliedBy(2));
                instances.get(instance).wakeUp();
            }
            case CUT_OFF -> {
                ways.get(instance).cut();
                pause(LEASE.multipliedBy(2));
                ways.get(instance).heal();
            }
            case DATABASE_KILLED -> {
                signalServer("KILL");
                pause(Duration.ofSeconds(1));
                // it has ended already: this frees the lock on its folder
                server.close();
                Files.deleteIfExists(folder.resolve("pg/postmaster.pid"));
                startServer();
            }
            case DATABASE_SUSPENDED -> {
                signalServer("STOP");
                pause(Duration.ofSeconds(30));
                signalServer("CONT");
            }
        }
        return inFlight;
    }

    private int report(int number, Fault fault, long begin, long inFlight, int most) {
        Set<String> lost = new HashSet<>(acknowledged);
        lost.removeAll(arrivals.events());
        long repeated = arrivals.repeated(begin);
        Duration pause = arrivals.longestPause(begin);
        long disorder = arrivals.outOfOrder("ordered");
        System.out.printf(
                Locale.ROOT,
                "%5d  %-18s %12d %5d %8d %9d %11d %9d %8d%n",
                number,
                fault.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                acknowledged.size(),
                lost.size(),
                repeated,
                inFlight,
                pause.toMillis(),
                disorder,
                most);
        boolean isLate = !fault.isOfDatabase() && pause.compareTo(LEASE.plus(TAKEOVER)) > 0;
        return lost.isEmpty() && disorder == 0 && most <= RATE_LIMIT && repeated <= 2 * inFlight && !isLate ? 0 : 1;
    }

    private void send(int sender, AtomicBoolean stop) {
        int to = sender % instances.size();
        long interval = TimeUnit.SECONDS.toNanos(SENDERS_PER_INSTANCE * (long) instances.size()) / perSecond;
        long next = System.nanoTime();
        while (!stop.get()) {
            long number = sent.incrementAndGet();
            try {
                String id = "e" + number;
                if (instances.get(to).post(event(id, "k" + sender, number)).statusCode() == 202) {
                    acknowledged.add(id);
                }
            } catch (IOException e) {
                // it has no response: not acknowledged
                pause(LATENCY);
            } catch (InterruptedException e) {
                return;
            }
            next += interval;
            LockSupport.parkNanos(next - System.nanoTime());
        }
    }

    /** One in twenty is ordered by key, which is its sender's, and one limited. */
    private static String event(String id, String key, long number) {
        String type = number % 20 == 0 ? "ordered" : number % 20 == 1 ? "limited" : "w" + number % WEBHOOKS;
        return "{\"specversion\":\"1.0\",\"id\":\"" + id + "\",\"source\":\"/rounds\",\"type\":\"" + type
                + "\",\"data\":{\"key\":\"" + key + "\",\"number\":" + number + "}}";
    }

    /**
     * The most recorded requests to a webhook that began in any second. The receiver counts more: requests that began apart
     * may come together.
     */
    private int mostBegunInASecond(String webhook, long since) throws SQLException {
        List<Long> times = new ArrayList<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT a.started_at FROM attempt a"
                        + " JOIN delivery d ON d.key = a.delivery JOIN resource r ON r.key = d.webhook"
                        + " WHERE r.name = '" + webhook + "' AND a.started_at >= " + since + " ORDER BY 1")) {
            while (rows.next()) {
                times.add(rows.getLong(1));
            }
        }
        int most = 0;
        int from = 0;
        for (int to = 0; to < times.size(); to++) {
            while (times.get(to) - times.get(from) >= TimeUnit.SECONDS.toMillis(1)) {
                from++;
            }
            most = Math.max(most, to - from + 1);
        }
        return most;
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://localhost:" + port + "/postgres", Postgres.USER, "");
    }

    private long pending() {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM due")) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            return -1;
        }
    }

    private void signalServer(String name) throws IOException, InterruptedException {
        long first = Long.parseLong(
                Files.readAllLines(folder.resolve("pg/postmaster.pid")).get(0).strip());
        ProcessHandle postmaster = ProcessHandle.of(first).orElseThrow();
        List<ProcessHandle> all =
                Stream.concat(Stream.of(postmaster), postmaster.descendants()).toList();
        for (ProcessHandle each : all) {
            Signals.send(each.pid(), name);
        }
    }

    private static void await(BooleanSupplier done) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!done.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("deliveries are pending after " + PATIENCE);
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private static void pause(Duration time) {
        LockSupport.parkNanos(time.toNanos());
    }

    @Override
    public void close() throws IOException {
        instances.forEach(ForkedProduct::close);
        for (DatabaseProxy way : ways) {
            way.close();
        }
        server.close();
        arrivals.close();
    }
}
