package io.engagementwebhooks.bench;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** From the start of the process to its first 202, with an empty store: as it is, and with a class-data archive. */
final class StartSection implements Section {

    @Override
    public void run(Plan plan, Vertx vertx, Report report) throws Exception {
        Measuring.say("start to first 202, " + plan.starts() + " times each");
        double[] plain = measure(plan, vertx, List.of());
        report.add(new Figure(
                "start",
                "start to first 202",
                median(plain) / 1000,
                "s",
                null,
                remark(plain) + ", without an archive"));
        Path archive = Files.createTempDirectory("bench-archive").resolve("classes.jsa");
        try {
            once(plan, vertx, List.of("-XX:ArchiveClassesAtExit=" + archive));
            double[] archived = measure(plan, vertx, List.of("-XX:SharedArchiveFile=" + archive));
            report.add(new Figure(
                    "start-archived",
                    "start to first 202 with a class-data archive",
                    median(archived) / 1000,
                    "s",
                    Bar.atMost(2),
                    remark(archived)));
        } finally {
            Program.delete(archive.getParent());
        }
    }

    private static double[] measure(Plan plan, Vertx vertx, List<String> options) throws Exception {
        double[] millis = new double[plan.starts()];
        for (int i = 0; i < millis.length; i++) {
            millis[i] = once(plan, vertx, options);
        }
        Arrays.sort(millis);
        return millis;
    }

    private static double once(Plan plan, Vertx vertx, List<String> options) throws Exception {
        Events events = new Events(10, 1, id -> 0);
        try (Receivers receivers = new Receivers(vertx, events)) {
            Path folder = Measuring.folder(new SetUp(receivers.url())
                    .webhooks(0, 1, i -> Events.type(0), i -> receivers.url() + "/hook/0", SetUp.HEADER));
            try (Program program = start(plan, folder, options)) {
                double millis = program.awaitAccepted(events);
                Measuring.awaitAll(events);
                return millis;
            } finally {
                Program.delete(folder);
            }
        }
    }

    private static Program start(Plan plan, Path folder, List<String> options) throws IOException {
        return Program.product(plan, folder, Measuring.HEAP, options);
    }

    private static double median(double[] sorted) {
        return sorted[sorted.length / 2];
    }

    private static String remark(double[] sorted) {
        return String.format(
                "median of %d; %.2f to %.2f s", sorted.length, sorted[0] / 1000, sorted[sorted.length - 1] / 1000);
    }
}
