package io.engagementwebhooks.bench;

import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;

/** One event for many webhooks, each at its own address: when the last of its deliveries arrives. */
final class FanOutSection implements Section {

    private static final int WEBHOOKS = 1_000;
    private static final int MEASURED = 10;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Override
    public void run(Plan plan, Vertx vertx, Report report) throws Exception {
        Measuring.say("one event for " + WEBHOOKS + " webhooks, again and again");
        int warmUp = plan.quick() ? 10 : 40;
        EventTimes events = new EventTimes(warmUp + MEASURED, WEBHOOKS, id -> 0);
        try (Receivers receivers = new Receivers(vertx, events)) {
            Path folder = Measuring.folder(new BenchConfig(receivers.url())
                    .webhooks(0, WEBHOOKS, i -> EventTimes.type(0), receivers::url, BenchConfig.HEADER));
            try (Program program = Program.product(plan, folder, Measuring.PLAIN)) {
                program.awaitUp();
                double[] millis = measure(warmUp + MEASURED, vertx, program, events);
                double[] measured = Arrays.copyOfRange(millis, warmUp, millis.length);
                Arrays.sort(measured);
                report.check("fan-out", events.lost(), events.doubled());
                report.add(new Figure(
                        "fan-out",
                        "one event for 1 000 webhooks: its last delivery after",
                        measured[MEASURED - 1] / 1000,
                        "s",
                        Bar.atMost(1),
                        String.format(
                                "the slowest of %d; median %.2f s; the first after the start %.2f s",
                                MEASURED, measured[MEASURED / 2] / 1000, millis[0] / 1000)));
            } finally {
                Program.delete(folder);
            }
        }
    }

    private static double[] measure(int many, Vertx vertx, Program program, EventTimes events) throws Exception {
        double[] millis = new double[many];
        try (Loop loop = new Loop(vertx, program.port(), events, 1)) {
            for (int i = 0; i < many; i++) {
                int id = i;
                loop.one();
                boolean isThere = Measuring.await(() -> events.times(id) >= WEBHOOKS, PATIENCE);
                millis[i] = isThere ? events.untilLastArrived(id) : PATIENCE.toMillis();
            }
        }
        return millis;
    }
}
