package io.engagementwebhooks.bench;

import io.engagementwebhooks.ledger.FileDescriptors;
import io.engagementwebhooks.testkit.Postgres;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;

/**
 * Benchmarks of other webhook senders, run on this one at default settings: 100 webhooks, events of 1 KB, each for one
 * webhook, the load and the receivers in this process, the product in another. A row that cannot be run is a fault, and
 * the others run; all end within {@link #LONGEST}.
 */
final class SideBySideSection implements Section {

    private static final Duration LONGEST = Duration.ofMinutes(15);

    private static final int WEBHOOKS = 100;
    private static final String ACCOUNT_A = "a";
    private static final String KEY_A = "bench-ingest-key-of-account-a";
    private static final String KEY_B = "bench-ingest-key-of-account-b";

    private static final int POSTERS = 256;
    private static final int FEW_POSTERS = 64;
    private static final Duration AFTER_200_MS = Duration.ofMillis(200);
    private static final Duration DRAIN = Duration.ofSeconds(90);

    /** Of each closed loop. */
    private static final int MOST_TURNS = 4;

    private static final int KILLS = 3;

    /** Files of a process beside its connections to receivers and posters. */
    private static final int OTHER_FILES = 800;

    private volatile Webhooks target = Webhooks.OF_ONE;
    private long begin;

    /** Which webhooks events are for, in turn. */
    private enum Webhooks implements IntUnaryOperator {
        OF_ONE(0),
        OF_TWO(WEBHOOKS);

        private final int first;

        Webhooks(int first) {
            this.first = first;
        }

        @Override
        public int applyAsInt(int event) {
            return first + event % WEBHOOKS;
        }
    }

    /**
     * Events at fixed moments.
     *
     * @param arriving events a second for receivers that do not hang
     * @param counted the webhooks whose latency counts
     * @param files that the product needs for it
     * @param p99 the bar of milliseconds from the 202 to the first byte
     */
    private record Row(
            String id,
            String what,
            Webhooks webhooks,
            int perSecond,
            int arriving,
            IntPredicate counted,
            int files,
            double p99) {}

    private static final Row AFTER_200 = new Row(
            "200ms",
            "receivers after 200 ms, 1 200 events/s",
            Webhooks.OF_ONE,
            1_200,
            1_200,
            webhook -> true,
            OTHER_FILES,
            60);
    private static final Row AFTER_2000 = new Row(
            "2s",
            "receivers after 2 s, 1 000 events/s",
            Webhooks.OF_ONE,
            1_000,
            1_000,
            webhook -> true,
            3_000 + OTHER_FILES,
            300);
    private static final Row TWO_ACCOUNTS = new Row(
            "two-accounts",
            "50 webhooks of account A answer after 4 s, 50 of B at once, 400 events/s: B",
            Webhooks.OF_TWO,
            400,
            400,
            webhook -> webhook >= WEBHOOKS + WEBHOOKS / 2,
            2_000 + OTHER_FILES,
            20);
    private static final Row HANGING = new Row(
            "hanging",
            "10 of 100 receivers hang, 400 events/s: the healthy",
            Webhooks.OF_ONE,
            400,
            360,
            webhook -> webhook % 10 != 0,
            2_000 + OTHER_FILES,
            2);

    @Override
    public void run(Plan plan, Vertx vertx, Report report) throws Exception {
        begin = System.nanoTime();
        try (Launcher launcher = Launcher.of(plan)) {
            new Side("SQLite", "sqlite", null, plan, launcher, vertx, report).play();
            String database;
            try {
                database = Postgres.durableDatabase();
            } catch (RuntimeException e) {
                report.fault("PostgreSQL could not be started, so its rows are left out: " + e.getMessage());
                return;
            }
            try {
                new Side("PostgreSQL", "postgres", database, plan, launcher, vertx, report).play();
            } finally {
                Postgres.drop(database);
            }
        }
    }

    private interface Play {
        void play() throws Exception;
    }

    /** All rows on one store. */
    private final class Side {

        private final String store;
        private final String id;
        private final String database;
        private final Plan plan;
        private final Launcher launcher;
        private final Vertx vertx;
        private final Report report;
        private final StoreServer server;
        private final EventTimes events = new EventTimes(Measuring.MOST_EVENTS, 1, event -> target.applyAsInt(event));
        private Program program;
        private Receivers receivers;
        private Loop loop;
        private long doubled;

        Side(String store, String id, String database, Plan plan, Launcher launcher, Vertx vertx, Report report) {
            this.store = store;
            this.id = id;
            this.database = database;
            this.plan = plan;
            this.launcher = launcher;
            this.vertx = vertx;
            this.report = report;
            this.server = StoreServer.of(database);
        }

        void play() throws Exception {
            try (Receivers all = new Receivers(vertx, events)) {
                receivers = all;
                Path folder = Measuring.folder(config());
                program = start(folder, List.of());
                try (Loop load = new Loop(vertx, program.port(), events, POSTERS, SideBySideSection::key)) {
                    loop = load;
                    program.awaitUp();
                    // before the closed loop, after which the heap stays large for a minute
                    row("memory", AFTER_200.files, this::memory);
                    row("as much as goes", OTHER_FILES + 4 * POSTERS, this::closed);
                    row(AFTER_200.what, AFTER_200.files, () -> {
                        receivers.latency(AFTER_200_MS);
                        open(AFTER_200);
                    });
                    row(AFTER_2000.what, AFTER_2000.files, () -> {
                        receivers.latency(Duration.ofSeconds(2));
                        open(AFTER_2000);
                    });
                    row(TWO_ACCOUNTS.what, TWO_ACCOUNTS.files, () -> {
                        receivers.latency(receiver ->
                                TWO_ACCOUNTS.counted.test(receiver) ? Duration.ZERO : Duration.ofSeconds(4));
                        open(TWO_ACCOUNTS);
                    });
                    row(HANGING.what, HANGING.files, HANGING.counted, () -> {
                        receivers.behave(receiver ->
                                HANGING.counted.test(receiver) ? Receivers.Manner.ANSWERS : Receivers.Manner.HANGS);
                        open(HANGING);
                    });
                    row("kill -9", 0, () -> killed(folder));
                } finally {
                    program.close();
                    Program.delete(folder);
                }
            }
        }

        private BenchConfig config() {
            return new BenchConfig(receivers.url())
                    .webhooks(0, WEBHOOKS, EventTimes::type, this::url, BenchConfig.HEADER)
                    .account(ACCOUNT_A, KEY_A)
                    .webhooks(WEBHOOKS, WEBHOOKS * 3 / 2, EventTimes::type, this::url, BenchConfig.HEADER)
                    .account("b", KEY_B)
                    .webhooks(WEBHOOKS * 3 / 2, WEBHOOKS * 2, EventTimes::type, this::url, BenchConfig.HEADER);
        }

        private String url(int webhook) {
            return receivers.url() + "/hook/" + webhook;
        }

        private Program start(Path folder, List<String> more) throws IOException {
            List<String> options = new ArrayList<>(Contestant.options(database));
            options.addAll(more);
            return launcher.start(folder, options);
        }

        /** @param files that the product needs */
        private void row(String what, int files, Play play) throws Exception {
            row(what, files, webhook -> true, play);
        }

        /** @param arriving the webhooks whose deliveries have all arrived in the end; those of others wait for a retry */
        private void row(String what, int files, IntPredicate arriving, Play play) throws Exception {
            long allowed = FileDescriptors.limit();
            if (System.nanoTime() - begin > LONGEST.toNanos()) {
                report.fault(what + ", " + store + ": left out, since " + LONGEST.toMinutes() + " minutes have passed");
            } else if (allowed >= 0 && allowed < files) {
                report.fault(what + ", " + store + ": left out, since it needs " + files + " open files and " + allowed
                        + " are allowed; raise the limit (ulimit -n)");
            } else {
                Measuring.say(what + ", " + store);
                int first = events.sentCount();
                try {
                    play.play();
                } catch (Exception e) {
                    report.fault(what + ", " + store + ": " + e.getMessage());
                }
                settle(what, event -> event >= first && arriving.test(event % WEBHOOKS));
            }
        }

        /** All that was accepted arrives once the receivers answer at once. */
        private void settle(String what, IntPredicate which) throws InterruptedException {
            receivers.latency(Duration.ZERO);
            receivers.behave(receiver -> Receivers.Manner.ANSWERS);
            target = Webhooks.OF_ONE;
            Measuring.await(() -> loop.isAllAnswered() && events.lost(which) == 0, DRAIN);
            report.check(what + ", " + store, events.lost(which), events.doubled() - doubled);
            doubled = events.doubled();
        }

        /** Measures the resident memory of a product that was just started. */
        private void memory() throws IOException {
            receivers.latency(AFTER_200_MS);
            loop.open(AFTER_200.perSecond, plan.load().multipliedBy(2));
            add("resident", AFTER_200.what + ", resident memory", residentMb(), "MB", Bar.atMost(370), "");
        }

        private long residentMb() throws IOException {
            return program.residentMb(false) + server.residentMb();
        }

        private void open(Row row) throws Exception {
            target = row.webhooks;
            loop.open(row.perSecond, plan.openWarmUp());
            receivers.takeMostInFlight();
            long begun = receivers.arrived();
            long refused = loop.refused();
            Duration cpu = cpu();
            long from = System.nanoTime();
            loop.open(row.perSecond, plan.openMeasure());
            long until = System.nanoTime();
            double perSecond = (receivers.arrived() - begun) * 1e9 / (until - from);
            double micros = cpu().minus(cpu).toNanos() / 1e3 / (receivers.arrived() - begun);
            String remark = String.format(
                    Locale.ROOT,
                    "%d in flight at most, %d not accepted, %.0f µs of processor a delivery, %d MB resident",
                    receivers.takeMostInFlight(),
                    loop.refused() - refused,
                    micros,
                    residentMb());
            IntPredicate counted = event -> row.counted.test(row.webhooks.applyAsInt(event));
            receivers.latency(Duration.ZERO);
            Measuring.await(() -> events.lost(counted) == 0, DRAIN);
            Distribution arrived =
                    Distribution.of(row.what + ", " + store, events.fromAcceptedUntilArrived(from, until, counted));
            report.add(arrived);
            add(
                    row.id + "-begun",
                    row.what + ", begun of what is offered",
                    perSecond / row.arriving,
                    "×",
                    Bar.atLeast(0.98),
                    remark);
            add(
                    row.id + "-p99",
                    row.what + ", p99 from the 202 to the first byte",
                    arrived.at(99),
                    "ms",
                    Bar.atMost(row.p99),
                    String.format(Locale.ROOT, "median %.1f ms", arrived.at(50)));
        }

        /** In turn, since the machine is faster in one minute than in another. */
        private void closed() throws Exception {
            Measuring.warmUp(plan, loop, events);
            List<Double> ratios = new ArrayList<>();
            List<Double> atOnce = new ArrayList<>();
            List<Double> after200 = new ArrayList<>();
            List<Double> few = new ArrayList<>();
            List<Double> few200 = new ArrayList<>();
            List<Double> micros = new ArrayList<>();
            for (int turn = 0; turn < Math.min(MOST_TURNS, plan.turns()); turn++) {
                Duration cpu = cpu();
                long arrived = receivers.arrived();
                atOnce.add(turn(POSTERS, Duration.ZERO));
                micros.add(cpu().minus(cpu).toNanos() / 1e3 / (receivers.arrived() - arrived));
                after200.add(turn(POSTERS, AFTER_200_MS));
                ratios.add(after200.get(turn) / atOnce.get(turn));
                few.add(turn(FEW_POSTERS, Duration.ZERO));
                few200.add(turn(FEW_POSTERS, AFTER_200_MS));
            }
            add(
                    "instant-256",
                    "receivers at once, " + POSTERS + " posters: delivered",
                    median(atOnce),
                    "/s",
                    null,
                    spread(atOnce));
            add(
                    "200ms-256",
                    "receivers after 200 ms, " + POSTERS + " posters: delivered",
                    median(after200),
                    "/s",
                    null,
                    spread(after200));
            add(
                    "200ms-to-instant",
                    "receivers after 200 ms against at once",
                    median(ratios),
                    "×",
                    Bar.atLeast(0.85),
                    spread(ratios));
            add(
                    "instant-64",
                    "receivers at once, " + FEW_POSTERS + " posters: delivered",
                    median(few),
                    "/s",
                    null,
                    spread(few));
            add(
                    "200ms-64",
                    "receivers after 200 ms, " + FEW_POSTERS + " posters: delivered",
                    median(few200),
                    "/s",
                    null,
                    spread(few200));
            add(
                    "cpu",
                    "processor time a delivery, at once, " + POSTERS + " posters",
                    median(micros),
                    "µs",
                    Bar.atMost(database == null ? 200 : 350),
                    spread(micros));
            add("resident-closed", "as much as goes, resident memory", residentMb(), "MB", null, "");
        }

        /** @return deliveries a second, the first second of a turn left out */
        private double turn(int posters, Duration latency) throws Exception {
            receivers.latency(latency);
            CountDownLatch done = loop.closed(plan.turn().plusSeconds(1), posters);
            TimeUnit.SECONDS.sleep(1);
            long from = System.nanoTime();
            long before = receivers.arrived();
            TimeUnit.NANOSECONDS.sleep(plan.turn().toNanos());
            double perSecond = (receivers.arrived() - before) * 1e9 / (System.nanoTime() - from);
            done.await();
            Measuring.awaitAll(events);
            return perSecond;
        }

        private void killed(Path folder) throws Exception {
            int first = events.sentCount();
            // the address stays, as behind an operator's own
            List<String> samePort = List.of("-Dcamel.server.port=" + program.port());
            List<Double> away = new ArrayList<>();
            for (int i = 0; i < KILLS; i++) {
                int ofLoad = events.sentCount();
                Thread load = new Thread(() -> loop.open(100, Duration.ofSeconds(10)), "load");
                load.start();
                TimeUnit.SECONDS.sleep(4);
                program.kill();
                program = start(folder, samePort);
                load.join();
                Measuring.await(() -> loop.isAllAnswered() && events.lost(event -> event >= ofLoad) == 0, DRAIN);
                away.add(events.longestGap(ofLoad) / 1e9);
            }
            long before = doubled;
            doubled = events.doubled();
            add(
                    "away",
                    "kill -9 at 100 events/s and started again: not accepting, median",
                    median(away),
                    "s",
                    Bar.atMost(2),
                    spread(away) + "; " + events.lost(event -> event >= first) + " lost, " + (doubled - before)
                            + " doubled");
        }

        private Duration cpu() throws IOException {
            return program.cpu().plus(server.cpu());
        }

        private void add(String figure, String what, double value, String unit, Bar bar, String remark) {
            report.add(new Figure("side-by-side-" + figure + "-" + id, what + ", " + store, value, unit, bar, remark));
        }
    }

    private static String key(int webhook) {
        return webhook < WEBHOOKS ? BenchConfig.KEY : webhook < WEBHOOKS * 3 / 2 ? KEY_A : KEY_B;
    }

    private static double median(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }

    private static String spread(List<Double> values) {
        return String.format(
                Locale.ROOT, "%.4g to %.4g, %d turns", Collections.min(values), Collections.max(values), values.size());
    }
}
