package io.engagementwebhooks.bench;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Compares the throughput of several warm processes in alternating turns of some seconds, so that a slow phase of the
 * machine affects all of them.
 */
final class Contest implements AutoCloseable {

    /** The start of a turn is not counted. */
    private static final Duration RUN_UP = Duration.ofSeconds(1);

    private final Plan plan;
    private final Vertx vertx;
    private final List<Entry> entries = new ArrayList<>();

    Contest(Plan plan, Vertx vertx) {
        this.plan = plan;
        this.vertx = vertx;
    }

    private record Round(long begin, long end, long accepted, long arrived, Duration cpu, long written) {

        double seconds() {
            return (end - begin) / 1e9;
        }

        double delivered() {
            return arrived / seconds();
        }
    }

    private record Entry(Contestant contestant, Loop loop, List<Round> turns) {}

    /** Each product is warmed up at once. */
    void enter(Contestant contestant) throws InterruptedException {
        Loop loop = new Loop(vertx, contestant.program().port(), contestant.events(), plan.connections());
        entries.add(new Entry(contestant, loop, new ArrayList<>()));
        Measuring.say(contestant.name() + ": " + plan.warmUp().toSeconds() + " s to warm up");
        Measuring.warmUp(plan, loop, contestant.events());
    }

    /** Runs all turns; reports each as a run. */
    void run(Report report) throws Exception {
        Measuring.say(plan.turns() + " turns of " + plan.turn().toSeconds() + " s each");
        for (int round = 0; round < plan.turns(); round++) {
            for (Entry entry : entries) {
                entry.turns().add(turn(entry));
            }
        }
        for (Entry entry : entries) {
            Run run = summed(entry);
            Measuring.say(String.format(
                    "  %s: %.0f accepted/s, %.0f delivered/s (%s), %.0f µs of processor each, %d not accepted",
                    run.name(),
                    run.accepted(),
                    run.delivered(),
                    turnsOf(entry),
                    run.cpuMicros(),
                    entry.loop().refused()));
            report.add(run);
        }
    }

    private Round turn(Entry entry) throws Exception {
        Contestant contestant = entry.contestant();
        CountDownLatch done = entry.loop().closed(RUN_UP.plus(plan.turn()));
        TimeUnit.NANOSECONDS.sleep(RUN_UP.toNanos());
        long begin = System.nanoTime();
        long accepted = entry.loop().accepted();
        long arrived = contestant.receivers().arrived();
        Duration cpu = contestant.program().cpu();
        long written = contestant.program().written();
        TimeUnit.NANOSECONDS.sleep(plan.turn().toNanos());
        Round turn = new Round(
                begin,
                System.nanoTime(),
                entry.loop().accepted() - accepted,
                contestant.receivers().arrived() - arrived,
                contestant.program().cpu().minus(cpu),
                contestant.program().written() - written);
        done.await();
        Measuring.awaitAll(contestant.events());
        return turn;
    }

    private static Run summed(Entry entry) throws Exception {
        Contestant contestant = entry.contestant();
        EventTimes events = contestant.events();
        Histogram answers = new Histogram(EventTimes.LONGEST_MICROS, 3);
        double seconds = 0;
        long accepted = 0;
        long arrived = 0;
        Duration cpu = Duration.ZERO;
        long written = 0;
        for (Round turn : entry.turns()) {
            answers.add(events.untilAccepted(turn.begin(), turn.end(), events::wasAccepted));
            seconds += turn.seconds();
            accepted += turn.accepted();
            arrived += turn.arrived();
            cpu = cpu.plus(turn.cpu());
            written += turn.written();
        }
        return new Run(
                contestant.name(),
                accepted / seconds,
                arrived / seconds,
                cpu.toNanos() / 1000.0 / Math.max(1, arrived),
                written / 1024.0 / Math.max(1, arrived),
                answers.getValueAtPercentile(50) / 1000.0,
                answers.getValueAtPercentile(99) / 1000.0,
                contestant.program().residentMb(false),
                events.lost(),
                events.doubled());
    }

    /** The ratio of two contestants' deliveries per second: the median over the rounds. */
    double ratio(String one, String other) {
        double[] ratios = new double[plan.turns()];
        for (int round = 0; round < ratios.length; round++) {
            ratios[round] = entry(one).turns().get(round).delivered()
                    / entry(other).turns().get(round).delivered();
        }
        Arrays.sort(ratios);
        return ratios[ratios.length / 2];
    }

    /** The slowest and fastest turns of two contestants, per second. */
    String spread(String one, String other) {
        return turnsOf(entry(one)) + "/s against " + turnsOf(entry(other)) + "/s, " + plan.turns() + " turns each";
    }

    private static String turnsOf(Entry entry) {
        double[] delivered =
                entry.turns().stream().mapToDouble(Round::delivered).sorted().toArray();
        return String.format("%.0f to %.0f", delivered[0], delivered[delivered.length - 1]);
    }

    private Entry entry(String name) {
        return entries.stream()
                .filter(entry -> entry.contestant().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() throws IOException {
        for (Entry entry : entries) {
            entry.loop().close();
            entry.contestant().close();
        }
    }
}
