package io.engagementwebhooks.bench;

import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * From the start of the process to its first 202, with an empty store: by the launcher and by {@code java -jar}, in turn with
 * the plain route, so that the machine's speed at that time does not decide.
 */
final class StartSection implements Section {

    /** 2 s where the plain route takes 1.2 s. */
    private static final double MOST = 2 / 1.2;

    @Override
    public void run(Plan plan, Vertx vertx, Report report) throws Exception {
        Measuring.say("start to the first response, " + plan.starts() + " times each");
        double[] bare = new double[plan.starts()];
        double[] archived = new double[plan.starts()];
        double[] plain = new double[plan.starts()];
        double[] ratios = new double[plan.starts()];
        try (Launcher launcher = Launcher.of(plan)) {
            for (int i = 0; i < plan.starts(); i++) {
                bare[i] = once(vertx, folder -> Program.byJava(plan, folder, Measuring.PLAIN));
                archived[i] = once(vertx, folder -> launcher.start(folder, Measuring.PLAIN));
                plain[i] = plainOnce(plan, vertx);
                ratios[i] = archived[i] / plain[i];
            }
        }
        report.add(seconds("start", "start to first 202 by java -jar", bare, ", without an archive"));
        report.add(seconds("start-archived", "start to first 202 by bin/engagement-webhooks", archived, ""));
        report.add(seconds(
                "start-plain", "start of the plain route to its first response", plain, ", without an archive"));
        Arrays.sort(ratios);
        report.add(new Figure(
                "start-ratio",
                "start by bin/engagement-webhooks against that of the plain route",
                median(ratios),
                "×",
                Bar.atMost(MOST),
                String.format(
                        "median of %d rounds; %.2f to %.2f; the bar is 2 s where the plain route takes 1.2 s",
                        ratios.length, ratios[0], ratios[ratios.length - 1])));
    }

    private static Figure seconds(String id, String what, double[] millis, String remark) {
        Arrays.sort(millis);
        return new Figure(id, what, median(millis) / 1000, "s", null, remark(millis) + remark);
    }

    /** Starts it once, to its first event and its delivery. @return how long the first event took, in milliseconds */
    private static double once(Vertx vertx, Program.Starter starter) throws Exception {
        EventTimes events = new EventTimes(10, 1, id -> 0);
        try (Receivers receivers = new Receivers(vertx, events)) {
            Path folder = Measuring.folder(new BenchConfig(receivers.url())
                    .webhooks(0, 1, i -> EventTimes.type(0), i -> receivers.url() + "/hook/0", BenchConfig.HEADER));
            try (Program program = starter.start(folder)) {
                double millis = program.awaitAccepted(events);
                Measuring.awaitAll(events);
                return millis;
            } finally {
                Program.delete(folder);
            }
        }
    }

    private static double plainOnce(Plan plan, Vertx vertx) throws Exception {
        EventTimes events = new EventTimes(10, 1, id -> 0);
        try (Receivers receivers = new Receivers(vertx, events);
                Program program = Program.baseline(plan, receivers.url())) {
            return program.awaitAnswer(events);
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
