package io.engagementwebhooks.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.postgres.PostgresAddress;
import io.engagementwebhooks.store.postgres.PostgresStore;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.Postgres;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.postgresql.PGConnection;

/**
 * An erasure of a person in a large store, of whose events one in a hundred holds the number, beside events that come in:
 * how long it takes, what it costs them, and whether the number is still in a file of SQLite or a row of PostgreSQL.
 */
final class ErasureSection implements Section {

    private static final String NUMBER = "+46700000001";
    private static final int EVERY = 100;
    private static final int PER_SECOND = 300;
    private static final int CONNECTIONS = 64;
    private static final Duration STEP = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofMinutes(15);

    @Override
    public void run(Plan plan, Vertx vertx, Report report) throws Exception {
        run("SQLite", null, plan, vertx, report);
        String database = Postgres.durableDatabase();
        try {
            run("PostgreSQL", database, plan, vertx, report);
        } finally {
            Postgres.drop(database);
        }
    }

    private static void run(String name, String database, Plan plan, Vertx vertx, Report report) throws Exception {
        EventTimes events = new EventTimes(Measuring.MOST_EVENTS, 1, id -> 0);
        try (Receivers receivers = new Receivers(vertx, events)) {
            Path folder = Measuring.folder(new BenchConfig(receivers.url())
                    .webhooks(0, 2, EventTimes::type, i -> receivers.url() + "/hook/" + i, BenchConfig.HEADER));
            Path file = folder.resolve("data/webhooks.db");
            try {
                try (Store store = open(file, database)) {
                    Backlog.fillLater(store, plan.waiting(), 1, ErasureSection::data);
                }
                Measuring.say(Measuring.number(plan.waiting()) + " events are in " + name + "; the number is there "
                        + Measuring.number(found(file, database)) + " times");
                try (Program program = Program.product(plan, folder, Contestant.options(database))) {
                    program.awaitUp();
                    measure(name, plan, vertx, program, events, report);
                }
                long left = found(file, database);
                report.add(new Figure(
                        "erasure-left-" + name, "times that the number is left, " + name, left, "", Bar.atMost(0), ""));
            } finally {
                Program.delete(folder);
            }
        }
    }

    private static Store open(Path file, String database) throws IOException {
        Files.createDirectories(file.getParent());
        return database == null
                ? SqliteStore.open(file, Clock.systemUTC())
                : PostgresStore.open(new PostgresAddress(database, Postgres.USER, Optional.empty()), Clock.systemUTC());
    }

    private static String data(int id) {
        String number = id % EVERY == 0 ? NUMBER : String.format(Locale.ROOT, "+4680%07d", id);
        return "{\"anum\":\"%s\",\"cdr_id\":%d,\"note\":\"%s\"}".formatted(number, id, "x".repeat(850));
    }

    private static void measure(String name, Plan plan, Vertx vertx, Program program, EventTimes events, Report report)
            throws Exception {
        try (Loop loop = new Loop(vertx, program.port(), events, CONNECTIONS)) {
            Measuring.warmUp(plan, loop, events);
            loop.open(PER_SECOND, plan.openWarmUp());
            long begin = System.nanoTime();
            loop.open(PER_SECOND, plan.openMeasure());
            long erasing = System.nanoTime();
            JsonNode receipt = erase(program, loop);
            long end = System.nanoTime();
            Measuring.awaitAll(events);
            report.check("beside the erasure, " + name, events.lost(), events.doubled());
            double without = Distribution.of("202", events.untilAccepted(begin, erasing, id -> true))
                    .at(99);
            double beside = Distribution.of("202", events.untilAccepted(erasing, end, id -> true))
                    .at(99);
            report.add(new Figure(
                    "erasure-seconds-" + name,
                    "an erasure in " + Measuring.number(plan.waiting()) + " events, " + name,
                    (end - erasing) / 1e9,
                    "s",
                    null,
                    receipt.get("events").asLong() + " erased, " + receipt.get("canceled") + " deliveries canceled"));
            report.add(new Figure(
                    "erasure-p99-" + name,
                    "p99 of the 202 at " + PER_SECOND + " events/s beside the erasure against without, " + name,
                    beside / without,
                    "×",
                    Bar.atMost(2),
                    String.format(Locale.ROOT, "%.2f ms, %.2f ms without", beside, without)));
            if (receipt.get("events").asLong() != plan.waiting() / EVERY) {
                report.fault("the erasure found other events than those of the number: " + receipt);
            }
        }
    }

    private static JsonNode erase(Program program, Loop loop) throws IOException, InterruptedException {
        Staff staff = Staff.at(program.port());
        String path = "/v1/erasures/" + staff.erase("data.anum", NUMBER);
        long end = System.nanoTime() + LONGEST.toNanos();
        JsonNode receipt = staff.read(path);
        while (!receipt.get("state").asText().equals("done") && System.nanoTime() < end) {
            loop.open(PER_SECOND, STEP);
            receipt = staff.read(path);
        }
        return receipt;
    }

    // --- the number in what is stored

    private static long found(Path file, String database) throws IOException, SQLException {
        Search search = new Search();
        if (database == null) {
            for (Path each : SqliteStore.filesWithPayloads(file)) {
                Files.copy(each, search);
                search.next();
            }
            return search.found;
        }
        try (Connection connection = Postgres.connect(database)) {
            for (String table : tables(connection)) {
                connection
                        .unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyOut("COPY (SELECT * FROM " + table + ") TO STDOUT (FORMAT binary)", search);
                search.next();
            }
        }
        return search.found;
    }

    private static List<String> tables(Connection connection) throws SQLException {
        List<String> names = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
                        + " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')")) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }

    /** Counts the number in bytes, without keeping them. */
    private static final class Search extends OutputStream {

        private static final byte[] WANTED = NUMBER.getBytes(StandardCharsets.US_ASCII);

        private int matched;
        private long found;

        /** Each of its characters but the first differs from the first. */
        @Override
        public void write(int each) {
            matched = (byte) each == WANTED[matched] ? matched + 1 : (byte) each == WANTED[0] ? 1 : 0;
            if (matched == WANTED.length) {
                found++;
                matched = 0;
            }
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            for (int i = from; i < from + length; i++) {
                write(bytes[i]);
            }
        }

        void next() {
            matched = 0;
        }
    }
}
