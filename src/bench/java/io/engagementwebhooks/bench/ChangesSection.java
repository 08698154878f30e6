package io.engagementwebhooks.bench;

import io.engagementwebhooks.testkit.Postgres;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How long it takes until a webhook that is made at one instance gets the events that come to another, with a store in
 * PostgreSQL: from the response to its creator until the first event is sent that reaches it.
 */
final class ChangesSection implements Section {

    private static final int CHANGES = 20;
    private static final int MOST_EVENTS = 200_000;
    private static final int MS_BETWEEN = 2;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    @Override
    public void run(Plan plan, Vertx vertx, Report report) throws Exception {
        AtomicInteger kind = new AtomicInteger();
        EventTimes events = new EventTimes(MOST_EVENTS, 1, id -> kind.get());
        String database = Postgres.durableDatabase();
        try (Receivers receivers = new Receivers(vertx, events)) {
            BenchConfig config = new BenchConfig(receivers.url())
                    .webhooks(0, 1, i -> EventTimes.type(0), i -> receivers.url() + "/hook/0", BenchConfig.HEADER);
            Path folder = Measuring.folder(config);
            Path otherFolder = Measuring.folder(config);
            List<String> options = Contestant.options(database);
            try (Program one = Program.product(plan, folder, options);
                    Program other = Program.product(plan, otherFolder, options);
                    Loop loop = new Loop(vertx, other.port(), events, 1)) {
                one.awaitUp();
                other.awaitUp();
                double[] millis = new double[CHANGES];
                for (int i = 0; i < CHANGES; i++) {
                    int made = kind.incrementAndGet();
                    Staff.at(one.port())
                            .create("made-" + made, EventTimes.type(made), receivers.url() + "/hook/" + made);
                    millis[i] = untilTaken(System.nanoTime(), loop, events);
                }
                report.check("changes", 0, events.doubled());
                Arrays.sort(millis);
                report.add(new Figure(
                        "change-elsewhere",
                        "until a webhook made at one instance gets what comes to another",
                        millis[CHANGES - 1] / 1000,
                        "s",
                        Bar.atMost(1),
                        String.format("the slowest of %d, median %.0f ms", CHANGES, millis[CHANGES / 2])));
            } finally {
                Program.delete(folder);
                Program.delete(otherFolder);
                Postgres.drop(database);
            }
        }
    }

    /** Events come to the other one after the other; those before the change arrives there are for no one. */
    private static double untilTaken(long changed, Loop loop, EventTimes events) throws InterruptedException {
        int first = events.sentCount();
        while (System.nanoTime() - changed < PATIENCE_NANOS) {
            loop.one();
            TimeUnit.MILLISECONDS.sleep(MS_BETWEEN);
            for (int id = first; id < events.sentCount(); id++) {
                if (events.times(id) > 0) {
                    return Math.max(0, (events.sentAt(id) - changed) / 1e6);
                }
            }
        }
        throw new IllegalStateException("a webhook made at one instance never got what came to the other");
    }
}
