package io.engagementwebhooks.bench;

import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.List;

/** Throughput and memory while many deliveries of other webhooks wait, half for a pause to end and half for a later try, in turn with few. */
final class WaitingSection implements Section {

    private static final int FEW = 1_000;
    private static final int OTHER_WEBHOOKS = 100;
    private static final int OF_THEM_RETRYING = 50;
    private static final String SMALL_HEAP = "-Xmx512m";

    @Override
    public void run(Plan plan, Vertx vertx, Report report) throws Exception {
        try (Contest contest = new Contest(plan, vertx)) {
            Contestant few = with(FEW, plan, vertx);
            contest.enter(few);
            Contestant many = with(plan.waiting(), plan, vertx);
            contest.enter(many);
            contest.run(report);
            report.add(new Figure(
                    "many-waiting-to-few",
                    "throughput with " + Measuring.number(plan.waiting()) + " deliveries waiting against "
                            + Measuring.number(FEW),
                    contest.ratio(name(plan.waiting()), name(FEW)),
                    "×",
                    Bar.atLeast(0.9),
                    contest.spread(name(plan.waiting()), name(FEW))));
            report.add(new Figure(
                    "resident-with-many-waiting",
                    "resident memory at " + Measuring.number(plan.waiting()) + " waiting under full load, "
                            + SMALL_HEAP,
                    many.program().residentMb(true),
                    "MB",
                    Bar.atMost(700),
                    "the most it ever was"));
            report.add(new Figure(
                    "start-with-many-waiting",
                    "start with " + Measuring.number(plan.waiting()) + " waiting",
                    many.startSeconds(),
                    "s",
                    null,
                    String.format("with %s %.2f s; once each", Measuring.number(FEW), few.startSeconds())));
        }
    }

    private static String name(int waiting) {
        return Measuring.number(waiting) + " waiting";
    }

    private static Contestant with(int waiting, Plan plan, Vertx vertx) throws Exception {
        EventTimes events = new EventTimes(Measuring.MOST_EVENTS, 1, id -> 0);
        Receivers receivers = new Receivers(vertx, events);
        Path folder = Measuring.folder(new BenchConfig(receivers.url())
                .webhooks(0, 1, i -> EventTimes.type(0), i -> receivers.url() + "/hook/0", BenchConfig.HEADER)
                .webhooks(
                        1,
                        OTHER_WEBHOOKS + 1,
                        i -> "call.waiting",
                        i -> receivers.url() + "/hook/" + i,
                        BenchConfig.HEADER));
        long begin = System.nanoTime();
        Backlog.fill(folder.resolve("data/webhooks.db"), waiting, 1, OTHER_WEBHOOKS, OF_THEM_RETRYING);
        Measuring.say(Measuring.number(waiting) + " deliveries wait, stored in "
                + (System.nanoTime() - begin) / 1_000_000_000 + " s");
        Program program = Program.product(plan, folder, List.of(SMALL_HEAP));
        return Contestant.product(name(waiting), program, receivers, events, folder);
    }
}
