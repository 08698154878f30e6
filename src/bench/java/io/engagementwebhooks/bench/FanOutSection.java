package io.engagementwebhooks.bench;

import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;

/**
 * One event for many webhooks, each at its own address: when the last of its deliveries arrives. And events for many more, beside
 * those of another account: when each gets its 202.
 */
final class FanOutSection implements Section {

    private static final int WEBHOOKS = 1_000;
    private static final int MEASURED = 10;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final int LARGE = 10_000;
    private static final int PER_SECOND = 50;
    private static final Duration BESIDE = Duration.ofSeconds(20);
    private static final String OTHER_KEY = "bench-ingest-key-beside-fan-outs";

    /** One event of the large kind in so many. */
    private static final int LARGE_EVERY = 4 * PER_SECOND;

    @Override
    public void run(Plan plan, Vertx vertx, Report report) throws Exception {
        untilArrived(plan, vertx, report);
        untilAccepted(plan, vertx, report);
    }

    private static boolean isLarge(int event) {
        return event % LARGE_EVERY == 0;
    }

    private static void untilAccepted(Plan plan, Vertx vertx, Report report) throws Exception {
        Measuring.say("events for " + LARGE + " webhooks beside those of another account");
        EventTimes events = new EventTimes(Measuring.MOST_EVENTS, 1, id -> isLarge(id) ? 0 : 1);
        try (Receivers receivers = new Receivers(vertx, events)) {
            Path folder = Measuring.folder(new BenchConfig(receivers.url())
                    .webhooks(0, LARGE, i -> EventTimes.type(0), receivers::url, BenchConfig.HEADER)
                    .account("beside", OTHER_KEY)
                    .webhooks(LARGE, LARGE + 1, i -> EventTimes.type(1), receivers::url, BenchConfig.HEADER));
            try (Program program = Program.product(plan, folder, Measuring.PLAIN);
                    Loop loop = new Loop(
                            vertx, program.port(), events, 64, kind -> kind == 0 ? BenchConfig.KEY : OTHER_KEY)) {
                program.awaitUp();
                loop.open(PER_SECOND, BESIDE);
                long from = System.nanoTime();
                loop.open(PER_SECOND, BESIDE);
                long until = System.nanoTime();
                Measuring.await(() -> events.lost(FanOutSection::isLarge) == 0, PATIENCE);
                Distribution large =
                        Distribution.of("large", events.untilAccepted(from, until, FanOutSection::isLarge));
                Distribution others =
                        Distribution.of("others", events.untilAccepted(from, until, event -> !isLarge(event)));
                report.add(new Figure(
                        "fan-out-202",
                        "one event for 10 000 webhooks: its 202 after",
                        large.at(100) / 1000,
                        "s",
                        Bar.atMost(2),
                        "the slowest"));
                report.add(new Figure(
                        "fan-out-beside",
                        "p99 of the 202 of another account beside such events",
                        others.at(99),
                        "ms",
                        Bar.atMost(100),
                        PER_SECOND + " events/s"));
            } finally {
                Program.delete(folder);
            }
        }
    }

    private static void untilArrived(Plan plan, Vertx vertx, Report report) throws Exception {
        Measuring.say("one event for " + WEBHOOKS + " webhooks, again and again");
        int warmUp = plan.quick() ? 10 : 40;
        EventTimes events = new EventTimes(warmUp + MEASURED, WEBHOOKS, id -> 0);
        try (Receivers receivers = new Receivers(vertx, events)) {
            Path folder = Measuring.folder(new BenchConfig(receivers.url())
                    .webhooks(0, WEBHOOKS, i -> EventTimes.type(0), receivers::url, BenchConfig.HEADER));
            try (Program program = Program.product(plan, folder, Measuring.PLAIN)) {
                program.awaitUp();
                double[] millis = measure(warmUp + MEASURED, vertx, program, events);
                double[] measured = Arrays.copyOfRange(millis, warmUp, millis.length);
                Arrays.sort(measured);
                report.check("fan-out", events.lost(), events.doubled());
                report.add(new Figure(
                        "fan-out",
                        "one event for 1 000 webhooks: its last delivery after",
                        measured[MEASURED - 1] / 1000,
                        "s",
                        Bar.atMost(1),
                        String.format(
                                "the slowest of %d; median %.2f s; the first after the start %.2f s",
                                MEASURED, measured[MEASURED / 2] / 1000, millis[0] / 1000)));
            } finally {
                Program.delete(folder);
            }
        }
    }

    private static double[] measure(int many, Vertx vertx, Program program, EventTimes events) throws Exception {
        double[] millis = new double[many];
        try (Loop loop = new Loop(vertx, program.port(), events, 1)) {
            for (int i = 0; i < many; i++) {
                int id = i;
                loop.one();
                boolean isThere = Measuring.await(() -> events.times(id) >= WEBHOOKS, PATIENCE);
                millis[i] = isThere ? events.untilLastArrived(id) : PATIENCE.toMillis();
            }
        }
        return millis;
    }
}
