package io.engagementwebhooks.bench;

import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.IntFunction;

/** Whether many failing receivers delay the good ones, under the same load in one run. */
final class FairnessSection implements Section {

    private static final int WEBHOOKS = 1_000;
    private static final int PER_SECOND = 300;
    private static final int CONNECTIONS = 128;
    private static final Duration WARM_UP = Duration.ofSeconds(20);

    /** From the first of them to the last the bad ones are bad: what they do at first is measured too. */
    private record Healthy(Half first, Half later) {}

    private record Half(Distribution arrived, Distribution fromAccepted) {

        static Half of(String name, EventTimes events, long from, long until) {
            return new Half(
                    Distribution.of(name, events.untilArrived(from, until, FairnessSection::isHealthy)),
                    Distribution.of(name, events.fromAcceptedUntilArrived(from, until, FairnessSection::isHealthy)));
        }
    }

    /** Every tenth hangs, two more of ten fail. */
    private static Receivers.Manner manner(int webhook) {
        return switch (webhook % 10) {
            case 0 -> Receivers.Manner.HANGS;
            case 1, 2 -> Receivers.Manner.FAILS;
            default -> Receivers.Manner.ANSWERS;
        };
    }

    private static boolean isHealthy(int event) {
        return manner(event % WEBHOOKS) == Receivers.Manner.ANSWERS;
    }

    @Override
    public void run(Plan plan, Vertx vertx, Report report) throws Exception {
        Healthy alone = measure("all well", webhook -> Receivers.Manner.ANSWERS, plan, vertx, report);
        Healthy beside = measure("with bad ones", FairnessSection::manner, plan, vertx, report);
        report.add(alone.first().arrived());
        report.add(beside.first().arrived());
        report.add(alone.later().arrived());
        report.add(beside.later().arrived());
        report.add(ratio("fairness", "", alone.first(), beside.first()));
        report.add(ratio("fairness, later", " for as long already", alone.later(), beside.later()));
    }

    private static Figure ratio(String name, String when, Half alone, Half beside) {
        return new Figure(
                name,
                "p99 until the first byte at healthy receivers with 10 % hanging and 20 % failing" + when
                        + ", against none",
                beside.arrived().at(99) / alone.arrived().at(99),
                "×",
                Bar.atMost(1.2),
                String.format(
                        "%.1f against %.1f ms, at %d events/s; from the 202 %.1f against %.1f ms",
                        beside.arrived().at(99),
                        alone.arrived().at(99),
                        PER_SECOND,
                        beside.fromAccepted().at(99),
                        alone.fromAccepted().at(99)));
    }

    private static Healthy measure(
            String name, IntFunction<Receivers.Manner> manners, Plan plan, Vertx vertx, Report report)
            throws Exception {
        Measuring.say("fairness, " + name + ": " + plan.warmUp().plus(WARM_UP).toSeconds() + " s to warm up, "
                + plan.fairness().toSeconds() + " s to measure, twice");
        EventTimes events = new EventTimes(Measuring.MOST_EVENTS, 1, id -> id % WEBHOOKS);
        try (Receivers receivers = new Receivers(vertx, events)) {
            Path folder = Measuring.folder(new BenchConfig(receivers.url())
                    .webhooks(0, WEBHOOKS, EventTimes::type, receivers::url, BenchConfig.HEADER));
            try (Program program = Program.product(plan, folder, Measuring.PLAIN);
                    Loop loop = new Loop(vertx, program.port(), events, CONNECTIONS)) {
                program.awaitUp();
                // at this rate alone what is measured would be interpreted code and its compiler's work
                Measuring.warmUp(plan, loop, events);
                loop.open(PER_SECOND, WARM_UP);
                receivers.behave(manners);
                long from = System.nanoTime();
                loop.open(PER_SECOND, plan.fairness());
                long later = System.nanoTime();
                loop.open(PER_SECOND, plan.fairness());
                long until = System.nanoTime();
                receivers.behave(webhook -> Receivers.Manner.ANSWERS);
                Measuring.await(() -> events.lost(FairnessSection::isHealthy) == 0, Duration.ofSeconds(120));
                program.stop();
                long missing = events.missing(event -> true);
                long left = Backlog.left(folder.resolve("data/webhooks.db"));
                report.check("healthy, " + name, events.lost(FairnessSection::isHealthy), events.doubled());
                // what has not arrived at a bad receiver waits for its next try
                report.check("all, " + name, Math.abs(missing - left), 0);
                return new Healthy(Half.of(name, events, from, later), Half.of(name + ", later", events, later, until));
            } finally {
                Program.delete(folder);
            }
        }
    }
}
