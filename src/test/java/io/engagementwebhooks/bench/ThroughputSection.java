package io.engagementwebhooks.bench;

import io.engagementwebhooks.testkit.Postgres;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Events accepted, stored, delivered and recorded a second, between two runs of a route that only passes them on. */
final class ThroughputSection implements Section {

    @Override
    public void run(Plan plan, Vertx vertx, Report report) throws Exception {
        List<Run> runs = new ArrayList<>();
        runs.add(baseline("baseline, before", plan, vertx));
        runs.add(product("header", SetUp.HEADER, false, plan, vertx));
        runs.add(product("oauth2", SetUp.OAUTH2, false, plan, vertx));
        runs.add(product("header, again", SetUp.HEADER, false, plan, vertx));
        runs.add(product("header, PostgreSQL", SetUp.HEADER, true, plan, vertx));
        runs.add(baseline("baseline, after", plan, vertx));
        runs.forEach(report::add);
        double baseline = mean(runs.get(0), runs.get(5), Run::delivered);
        double header = mean(runs.get(1), runs.get(3), Run::delivered);
        report.add(new Figure(
                "sqlite-to-baseline",
                "delivered and recorded a second, SQLite, against the baseline",
                header / baseline,
                "×",
                Bar.atLeast(0.7),
                String.format(
                        "%.0f and %.0f/s of %.0f",
                        runs.get(1).delivered(), runs.get(3).delivered(), baseline)));
        report.add(new Figure(
                "postgres-to-baseline",
                "the same, PostgreSQL on the same machine",
                runs.get(4).delivered() / baseline,
                "×",
                Bar.atLeast(0.4),
                String.format("%.0f/s", runs.get(4).delivered())));
        report.add(new Figure(
                "oauth2-to-header",
                "OAuth2 against header authentication",
                runs.get(2).delivered() / header,
                "×",
                Bar.atLeast(0.95),
                String.format("%.0f/s", runs.get(2).delivered())));
    }

    private static double mean(Run one, Run other, ToDoubleFunction<Run> of) {
        return (of.applyAsDouble(one) + of.applyAsDouble(other)) / 2;
    }

    static Run baseline(String name, Plan plan, Vertx vertx) throws Exception {
        Events events = new Events(Measuring.MOST_EVENTS, 1, id -> 0);
        try (Receivers receivers = new Receivers(vertx, events);
                Program program = Program.baseline(plan, receivers.url())) {
            program.awaitAnswer(events);
            return Measuring.throughput(name, plan, vertx, program, receivers, events);
        }
    }

    static Run product(String name, String authentication, boolean postgres, Plan plan, Vertx vertx) throws Exception {
        Events events = new Events(Measuring.MOST_EVENTS, 1, id -> 0);
        String database = postgres ? Postgres.newDatabase() : null;
        try (Receivers receivers = new Receivers(vertx, events)) {
            Path folder = Measuring.folder(new SetUp(receivers.url())
                    .webhooks(0, 1, i -> Events.type(0), i -> receivers.url() + "/hook/0", authentication));
            try (Program program = Program.product(plan, folder, Measuring.HEAP, options(database))) {
                program.awaitUp();
                return Measuring.throughput(name, plan, vertx, program, receivers, events);
            } finally {
                Program.delete(folder);
            }
        } finally {
            if (postgres) {
                Postgres.drop(database);
            }
        }
    }

    /** The key is nobody's: what is sealed here is made up too. */
    private static List<String> options(String database) {
        return database == null
                ? Measuring.PLAIN
                : List.of(
                        "-Dwebhooks.store.url=" + database,
                        "-Dwebhooks.store.user=" + Postgres.USER,
                        "-Dwebhooks.store.key=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    }
}
