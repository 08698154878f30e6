package io.engagementwebhooks.bench;

import io.engagementwebhooks.testkit.Postgres;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A running process with its load and its receivers. */
final class Contestant implements AutoCloseable {

    private final String name;
    private final Program program;
    private final Receivers receivers;
    private final EventTimes events;
    private final Cleaning cleaning;
    private long started;

    private interface Cleaning {
        void clean() throws IOException;
    }

    private Contestant(String name, Program program, Receivers receivers, EventTimes events, Cleaning cleaning) {
        this.name = name;
        this.program = program;
        this.receivers = receivers;
        this.events = events;
        this.cleaning = cleaning;
    }

    /** The baseline route. */
    static Contestant baseline(String name, Plan plan, Vertx vertx) throws Exception {
        EventTimes events = new EventTimes(Measuring.MOST_EVENTS, 1, id -> 0);
        Receivers receivers = new Receivers(vertx, events);
        Program program = Program.baseline(plan, receivers.url());
        program.awaitAnswer(events);
        return new Contestant(name, program, receivers, events, () -> {});
    }

    /** The product with one webhook. */
    static Contestant product(String name, String authentication, boolean postgres, Plan plan, Vertx vertx)
            throws Exception {
        return product(name, authentication, postgres, Program.JAR, plan, vertx);
    }

    /** The same of a build. */
    static Contestant product(String name, String authentication, boolean postgres, Path jar, Plan plan, Vertx vertx)
            throws Exception {
        EventTimes events = new EventTimes(Measuring.MOST_EVENTS, 1, id -> 0);
        Receivers receivers = new Receivers(vertx, events);
        Path folder = Measuring.folder(new BenchConfig(receivers.url())
                .webhooks(0, 1, i -> EventTimes.type(0), i -> receivers.url() + "/hook/0", authentication));
        String database = postgres ? Postgres.durableDatabase() : null;
        Program program = Program.product(plan, folder, options(database), jar);
        Contestant contestant = new Contestant(name, program, receivers, events, () -> {
            Program.delete(folder);
            if (postgres) {
                Postgres.drop(database);
            }
        });
        return contestant.up();
    }

    /** The product as a section starts it; the folder is deleted in the end. */
    static Contestant product(String name, Program program, Receivers receivers, EventTimes events, Path folder)
            throws InterruptedException {
        return new Contestant(name, program, receivers, events, () -> Program.delete(folder)).up();
    }

    private Contestant up() throws InterruptedException {
        program.awaitUp();
        started = System.nanoTime();
        return this;
    }

    /** How long its start took. */
    double startSeconds() {
        return (started - program.begin()) / 1e9;
    }

    /** A fixed key: the encrypted data is fictitious too. */
    static List<String> options(String database) {
        return database == null
                ? Measuring.PLAIN
                : List.of(
                        "-Dwebhooks.store.url=" + database,
                        "-Dwebhooks.store.user=" + Postgres.USER,
                        "-Dwebhooks.store.key=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    }

    String name() {
        return name;
    }

    Program program() {
        return program;
    }

    Receivers receivers() {
        return receivers;
    }

    EventTimes events() {
        return events;
    }

    @Override
    public void close() throws IOException {
        program.close();
        receivers.close();
        cleaning.clean();
    }
}
