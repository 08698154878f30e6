package io.engagementwebhooks.bench;

import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Whether delivery keeps half of the processor (semantics 5): the delivery rate of a backlog under full ingest load,
 * alternating with none.
 */
final class PacingSection implements Section {

    private static final int WEBHOOKS = 100;
    private static final int TURNS = 5;
    private static final int QUICK_TURNS = 2;

    /** The product sees by what was sent in the last ten seconds how much that can be. */
    private static final Duration RUN_UP = Duration.ofSeconds(2);

    private static final Duration DRAIN = Duration.ofSeconds(240);

    private record Round(double delivered, double accepted) {}

    @Override
    public void run(Plan plan, Vertx vertx, Report report) throws Exception {
        int backlog = 2 * plan.waiting();
        EventTimes events = new EventTimes(Measuring.MOST_EVENTS, 1, id -> 0);
        try (Receivers receivers = new Receivers(vertx, events)) {
            Path folder = Measuring.folder(new BenchConfig(receivers.url())
                    .webhooks(0, 1, i -> EventTimes.type(0), i -> receivers.url() + "/hook/0", BenchConfig.HEADER)
                    .webhooks(1, WEBHOOKS + 1, i -> "call.waiting", receivers::url, BenchConfig.HEADER));
            Backlog.fill(folder.resolve("data/webhooks.db"), backlog, 1, WEBHOOKS);
            events.stored(backlog);
            try (Program program = Program.product(plan, folder, Measuring.PLAIN);
                    Loop loop = new Loop(vertx, program.port(), events, plan.connections())) {
                program.awaitUp();
                for (int i = 1; i <= WEBHOOKS; i++) {
                    Staff.at(program.port()).resume(i);
                }
                Measuring.say("a backlog of " + Measuring.number(backlog) + " is released");
                measure(plan, receivers, loop, report);
                if (events.lost() == 0) {
                    report.fault("pacing: the backlog was at its end before the last turn was");
                }
                Measuring.await(() -> events.lost() == 0, DRAIN);
                report.check("pacing", events.lost(), events.doubled());
            } finally {
                Program.delete(folder);
            }
        }
    }

    private static void measure(Plan plan, Receivers receivers, Loop loop, Report report) throws InterruptedException {
        int turns = plan.quick() ? QUICK_TURNS : TURNS;
        Round[] alone = new Round[turns];
        Round[] beside = new Round[turns];
        double[] ratios = new double[turns];
        TimeUnit.NANOSECONDS.sleep(plan.warmUp().toNanos() / 2);
        for (int i = 0; i < turns; i++) {
            alone[i] = turn(plan, receivers, loop);
            CountDownLatch done = loop.closed(RUN_UP.plus(plan.turn()));
            beside[i] = turn(plan, receivers, loop);
            done.await();
            ratios[i] = beside[i].delivered() / alone[i].delivered();
        }
        Arrays.sort(ratios);
        report.add(new Figure(
                "pacing",
                "what is delivered of a backlog while as much comes in as is taken, against none",
                ratios[turns / 2],
                "×",
                Bar.atLeast(0.5),
                String.format(
                        "%.0f against %.0f/s, while %.0f/s came in; medians of %d turns each",
                        median(beside, true), median(alone, true), median(beside, false), turns)));
    }

    private static Round turn(Plan plan, Receivers receivers, Loop loop) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(RUN_UP.toNanos());
        long begin = System.nanoTime();
        long arrived = receivers.arrived();
        long accepted = loop.accepted();
        TimeUnit.NANOSECONDS.sleep(plan.turn().toNanos());
        double seconds = (System.nanoTime() - begin) / 1e9;
        return new Round((receivers.arrived() - arrived) / seconds, (loop.accepted() - accepted) / seconds);
    }

    private static double median(Round[] turns, boolean delivered) {
        double[] sorted = Arrays.stream(turns)
                .mapToDouble(turn -> delivered ? turn.delivered() : turn.accepted())
                .sorted()
                .toArray();
        return sorted[sorted.length / 2];
    }
}
