package io.engagementwebhooks.bench;

import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.Arrays;

/** From the start of the process to its first 202, with an empty store: as it is, and with a class-data archive. */
final class StartSection implements Section {

    @Override
    public void run(Plan plan, Vertx vertx, Report report) throws Exception {
        Measuring.say("start to first 202, " + plan.starts() + " times each");
        double[] plain = measure(plan, vertx);
        report.add(new Figure(
                "start",
                "start to first 202",
                median(plain) / 1000,
                "s",
                null,
                remark(plain) + ", without an archive"));
        try (Archive archive = Archive.make(plan, vertx)) {
            double[] archived = measure(archive.usedBy(plan), vertx);
            report.add(new Figure(
                    "start-archived",
                    "start to first 202 with a class-data archive",
                    median(archived) / 1000,
                    "s",
                    Bar.atMost(2),
                    remark(archived)));
        }
    }

    private static double[] measure(Plan plan, Vertx vertx) throws Exception {
        double[] millis = new double[plan.starts()];
        for (int i = 0; i < millis.length; i++) {
            millis[i] = once(plan, vertx);
        }
        Arrays.sort(millis);
        return millis;
    }

    /** Starts it once, to its first event and its delivery. @return how long the first event took, in milliseconds */
    static double once(Plan plan, Vertx vertx) throws Exception {
        Events events = new Events(10, 1, id -> 0);
        try (Receivers receivers = new Receivers(vertx, events)) {
            Path folder = Measuring.folder(new SetUp(receivers.url())
                    .webhooks(0, 1, i -> Events.type(0), i -> receivers.url() + "/hook/0", SetUp.HEADER));
            try (Program program = Program.product(plan, folder, Measuring.HEAP, Measuring.PLAIN)) {
                double millis = program.awaitAccepted(events);
                Measuring.awaitAll(events);
                return millis;
            } finally {
                Program.delete(folder);
            }
        }
    }

    private static double median(double[] sorted) {
        return sorted[sorted.length / 2];
    }

    private static String remark(double[] sorted) {
        return String.format(
                "median of %d; %.2f to %.2f s", sorted.length, sorted[0] / 1000, sorted[sorted.length - 1] / 1000);
    }
}
