package io.engagementwebhooks.bench;

import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Killed under load and started again at once: until deliveries flow, with nothing lost. */
final class RestartSection implements Section {

    /** Number of deliveries after which they count as flowing. */
    private static final int FLOW = 100;

    private static final int MOST_EVENTS = 1_000_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Override
    public void run(Plan plan, Vertx vertx, Report report) throws Exception {
        report.add(figure(
                "restart",
                " by java -jar",
                folder -> Program.byJava(plan, folder, Measuring.PLAIN),
                plan,
                vertx,
                report));
        try (Launcher launcher = Launcher.of(plan)) {
            report.add(figure(
                    "restart-archived",
                    " by bin/engagement-webhooks",
                    folder -> launcher.start(folder, Measuring.PLAIN),
                    plan,
                    vertx,
                    report));
        }
    }

    private static Figure figure(String id, String how, Program.Starter starter, Plan plan, Vertx vertx, Report report)
            throws Exception {
        double[] millis = new double[plan.kills()];
        for (int i = 0; i < millis.length; i++) {
            Measuring.say("killed under load, " + (i + 1) + " of " + millis.length + how);
            millis[i] = once(starter, plan, vertx, report);
        }
        Arrays.sort(millis);
        return new Figure(
                id,
                "after kill -9 under load: start to deliveries flowing" + how,
                millis[millis.length - 1] / 1000,
                "s",
                Bar.atMost(3),
                String.format(
                        "to the %dth delivery; the slowest of %d, the fastest %.2f s",
                        FLOW, millis.length, millis[0] / 1000));
    }

    private static double once(Program.Starter starter, Plan plan, Vertx vertx, Report report) throws Exception {
        EventTimes events = new EventTimes(MOST_EVENTS, 1, id -> 0);
        try (Receivers receivers = new Receivers(vertx, events)) {
            Path folder = Measuring.folder(new BenchConfig(receivers.url())
                    .webhooks(0, 1, i -> EventTimes.type(0), i -> receivers.url() + "/hook/0", BenchConfig.HEADER));
            try {
                double millis = once(starter, folder, plan, vertx, receivers, events);
                // deliveries sent and not recorded are repeated, which is no fault here
                report.check("killed", events.lost(), 0);
                return millis;
            } finally {
                Program.delete(folder);
            }
        }
    }

    /**
     * Kills the product under load, starts it again in the same folder, and waits until every event has arrived. Returns the
     * milliseconds from the second start to the 100th delivery.
     */
    static double once(
            Program.Starter starter, Path folder, Plan plan, Vertx vertx, Receivers receivers, EventTimes events)
            throws Exception {
        load(plan, vertx, starter.start(folder), events);
        long before = receivers.arrived();
        try (Program again = starter.start(folder)) {
            double millis = flow(again, receivers, before, vertx, events);
            Measuring.awaitAll(events);
            return millis;
        }
    }

    private static void load(Plan plan, Vertx vertx, Program program, EventTimes events) throws Exception {
        program.awaitUp();
        try (Loop loop = new Loop(vertx, program.port(), events, plan.connections())) {
            CountDownLatch done = loop.closed(plan.load());
            TimeUnit.NANOSECONDS.sleep(plan.load().toNanos() * 2 / 3);
            program.kill();
            done.await();
        }
    }

    /** Recovered deliveries, and new ones. */
    private static double flow(Program program, Receivers receivers, long before, Vertx vertx, EventTimes events)
            throws Exception {
        program.awaitUp();
        try (Loop loop = new Loop(vertx, program.port(), events, 16)) {
            CountDownLatch done = loop.closed(PATIENCE.dividedBy(6));
            long end = program.begin() + PATIENCE.toNanos();
            while (receivers.arrived() < before + FLOW && System.nanoTime() < end) {
                TimeUnit.MILLISECONDS.sleep(1);
            }
            double millis = (System.nanoTime() - program.begin()) / 1e6;
            done.await();
            return millis;
        }
    }
}
