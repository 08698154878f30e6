package io.engagementwebhooks.bench;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.Histogram;

/** What several sections do alike. */
final class Measuring {

    static final List<String> PLAIN = List.of();
    static final String HEAP = "-Xmx1g";

    /** More than any run here has events for. */
    static final int MOST_EVENTS = 3_000_000;

    private static final Duration LONGEST_ARRIVAL = Duration.ofSeconds(180);

    private Measuring() {}

    /** A folder for one process. */
    static Path folder(SetUp setUp) throws IOException {
        Path folder = Files.createTempDirectory("bench");
        Files.writeString(folder.resolve("webhooks.yaml"), setUp.text());
        return folder;
    }

    /** Events a second in a closed loop on a process that is up, after a warm-up; then waits until all has arrived. */
    static Run throughput(String name, Plan plan, Vertx vertx, Program program, Receivers receivers, Events events)
            throws Exception {
        say(name + ": " + plan.warmUp().toSeconds() + " s to warm up, "
                + plan.measure().toSeconds() + " s to measure");
        try (Loop loop = new Loop(vertx, program.port(), events, plan.connections())) {
            CountDownLatch done = loop.closed(plan.warmUp().plus(plan.measure()));
            TimeUnit.NANOSECONDS.sleep(plan.warmUp().toNanos());
            long begin = System.nanoTime();
            long acceptedBefore = loop.accepted();
            long arrivedBefore = receivers.arrived();
            Duration cpuBefore = program.cpu();
            TimeUnit.NANOSECONDS.sleep(plan.measure().toNanos());
            long end = System.nanoTime();
            long accepted = loop.accepted() - acceptedBefore;
            long arrived = receivers.arrived() - arrivedBefore;
            double cpu = program.cpu().minus(cpuBefore).toNanos() / 1000.0 / Math.max(1, arrived);
            long resident = program.residentMb(false);
            done.await();
            awaitAll(events);
            Histogram answers = events.untilAccepted(begin, end, events::wasAccepted);
            double seconds = (end - begin) / 1e9;
            Run run = new Run(
                    name,
                    accepted / seconds,
                    arrived / seconds,
                    cpu,
                    answers.getValueAtPercentile(50) / 1000.0,
                    answers.getValueAtPercentile(99) / 1000.0,
                    resident,
                    events.lost(),
                    events.doubled());
            say(String.format(
                    "  %.0f accepted/s, %.0f delivered/s, %.0f µs of processor each, %d not accepted",
                    run.accepted(), run.delivered(), run.cpuMicros(), loop.refused()));
            return run;
        }
    }

    /** Waits until what was accepted has arrived, or for as long as makes sense. */
    static void awaitAll(Events events) throws InterruptedException {
        await(() -> events.lost() == 0, LONGEST_ARRIVAL);
    }

    static boolean await(BooleanSupplier isSo, Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        while (!isSo.getAsBoolean()) {
            if (System.nanoTime() > end) {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        return true;
    }

    /** With spaces between thousands. */
    static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number).replace(',', ' ');
    }

    static void say(String text) {
        System.out.println(text);
    }
}
