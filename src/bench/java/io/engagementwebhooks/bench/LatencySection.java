package io.engagementwebhooks.bench;

import io.vertx.core.Vertx;
import java.nio.file.Path;

/** The latency of events at a moderate rate, measured from their due times. */
final class LatencySection implements Section {

    private static final int PER_SECOND = 1000;
    private static final int CONNECTIONS = 128;

    /** What was measured at the fixed rate; what was refused counts as the longest time there is. */
    record Latencies(Distribution accepted, Distribution arrived, Distribution between, long refused) {

        String reported(String what) {
            return refused == 0 ? what : what + "; " + refused + " were refused, each counts as two minutes";
        }
    }

    @Override
    public void run(Plan plan, Vertx vertx, Report report) throws Exception {
        Latencies latencies = measure("", plan, vertx, report);
        report.add(latencies.accepted());
        report.add(latencies.arrived());
        report.add(new Figure(
                "p99-accepted",
                "p99 of the 202 at 1000 events/s",
                latencies.accepted().at(99),
                "ms",
                Bar.atMost(5),
                latencies.reported("from when each was to be sent")));
        report.add(new Figure(
                "p99-arrived",
                "p99 until the first byte at the receiver at 1000 events/s",
                latencies.arrived().at(99),
                "ms",
                Bar.atMost(20),
                latencies.reported(String.format(
                        "from when each was to be sent, the 202 included; from the 202 %.1f ms",
                        latencies.between().at(99)))));
    }

    static Latencies measure(String which, Plan plan, Vertx vertx, Report report) throws Exception {
        EventTimes events = new EventTimes(Measuring.MOST_EVENTS, 1, id -> 0);
        try (Receivers receivers = new Receivers(vertx, events)) {
            Path folder = Measuring.folder(new BenchConfig(receivers.url())
                    .webhooks(0, 1, i -> EventTimes.type(0), i -> receivers.url() + "/hook/0", BenchConfig.HEADER));
            try (Program program = Program.product(plan, folder, Measuring.PLAIN)) {
                program.awaitUp();
                String name = "header" + which;
                Latencies latencies = open(which, plan, vertx, program, events);
                report.check(name + " at 1000 events/s", events.lost(), events.doubled());
                return latencies;
            } finally {
                Program.delete(folder);
            }
        }
    }

    private static Latencies open(String which, Plan plan, Vertx vertx, Program program, EventTimes events)
            throws Exception {
        warmUp(plan, vertx, program, events);
        Measuring.say(PER_SECOND + " events/s for " + plan.openWarmUp().toSeconds() + " s to warm up and "
                + plan.openMeasure().toSeconds() + " s to measure");
        try (Loop loop = new Loop(vertx, program.port(), events, CONNECTIONS)) {
            loop.open(PER_SECOND, plan.openWarmUp());
            long refusedBefore = loop.refused();
            long from = System.nanoTime();
            loop.open(PER_SECOND, plan.openMeasure());
            long until = System.nanoTime();
            Measuring.awaitAll(events);
            return new Latencies(
                    Distribution.of("202" + which, events.untilAccepted(from, until, id -> true)),
                    Distribution.of("first byte" + which, events.untilArrived(from, until, id -> true)),
                    Distribution.of("202 to first byte", events.fromAcceptedUntilArrived(from, until, id -> true)),
                    loop.refused() - refusedBefore);
        }
    }

    private static void warmUp(Plan plan, Vertx vertx, Program program, EventTimes events) throws InterruptedException {
        try (Loop loop = new Loop(vertx, program.port(), events, plan.connections())) {
            Measuring.warmUp(plan, loop, events);
        }
    }
}
