package io.engagementwebhooks.bench;

import io.vertx.core.Vertx;
import java.nio.file.Path;

/** Throughput and memory while many deliveries of other webhooks wait, against few. */
final class WaitingSection implements Section {

    private static final int FEW = 1_000;
    private static final int PAUSED_WEBHOOKS = 100;
    private static final String SMALL_HEAP = "-Xmx512m";

    private record Loaded(Run run, long mostMb) {}

    @Override
    public void run(Plan plan, Vertx vertx, Report report) throws Exception {
        Loaded few = measure(FEW, plan, vertx);
        Loaded many = measure(plan.waiting(), plan, vertx);
        Loaded fewAgain = measure(FEW, plan, vertx);
        report.add(few.run());
        report.add(many.run());
        report.add(fewAgain.run());
        double delivered = (few.run().delivered() + fewAgain.run().delivered()) / 2;
        report.add(new Figure(
                "many-waiting-to-few",
                "throughput with " + Measuring.number(plan.waiting()) + " deliveries waiting against 1 000",
                many.run().delivered() / delivered,
                "×",
                Bar.atLeast(0.9),
                String.format(
                        "%.0f/s against %.0f and %.0f/s",
                        many.run().delivered(),
                        few.run().delivered(),
                        fewAgain.run().delivered())));
        report.add(new Figure(
                "resident-with-many-waiting",
                "resident memory at " + Measuring.number(plan.waiting()) + " waiting under full load, -Xmx512m",
                many.mostMb(),
                "MB",
                Bar.atMost(700),
                "the most it ever was"));
    }

    private static Loaded measure(int waiting, Plan plan, Vertx vertx) throws Exception {
        Events events = new Events(Measuring.MOST_EVENTS, 1, id -> 0);
        try (Receivers receivers = new Receivers(vertx, events)) {
            Path folder = Measuring.folder(new SetUp(receivers.url())
                    .webhooks(0, 1, i -> Events.type(0), i -> receivers.url() + "/hook/0", SetUp.HEADER)
                    .webhooks(
                            1,
                            PAUSED_WEBHOOKS + 1,
                            i -> "call.waiting",
                            i -> receivers.url() + "/hook/" + i,
                            SetUp.HEADER));
            try {
                long begin = System.nanoTime();
                Backlog.fill(folder.resolve("data/webhooks.db"), waiting, 1, PAUSED_WEBHOOKS);
                Measuring.say(Measuring.number(waiting) + " deliveries wait, stored in " + seconds(begin) + " s");
                try (Program program = Program.product(plan, folder, SMALL_HEAP, Measuring.PLAIN)) {
                    program.awaitUp();
                    Measuring.say("up after " + seconds(program.begin()) + " s");
                    String name = Measuring.number(waiting) + " waiting";
                    Run run = Measuring.throughput(name, plan, vertx, program, receivers, events);
                    return new Loaded(run, program.residentMb(true));
                }
            } finally {
                Program.delete(folder);
            }
        }
    }

    private static long seconds(long since) {
        return (System.nanoTime() - since) / 1_000_000_000;
    }
}
