package io.engagementwebhooks.bench;

import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Throughput where an account has very many webhooks, against few; each event is for one of them. */
final class LookupSection implements Section {

    private static final int FEW = 100;

    @Override
    public void run(Plan plan, Vertx vertx, Report report) throws Exception {
        Run few = measure(FEW, plan, vertx);
        Run many = measure(plan.webhooks(), plan, vertx);
        Run again = measure(FEW, plan, vertx);
        report.add(few);
        report.add(many);
        report.add(again);
        report.add(new Figure(
                "many-webhooks-to-few",
                "throughput with " + Measuring.number(plan.webhooks()) + " webhooks against 100",
                2 * many.delivered() / (few.delivered() + again.delivered()),
                "×",
                Bar.atLeast(0.95),
                String.format("%.0f/s against %.0f and %.0f/s", many.delivered(), few.delivered(), again.delivered())));
    }

    private static Run measure(int webhooks, Plan plan, Vertx vertx) throws Exception {
        Events events = new Events(Measuring.MOST_EVENTS, 1, id -> scattered(id, webhooks));
        try (Receivers receivers = new Receivers(vertx, events)) {
            Path folder = Measuring.folder(new SetUp(receivers.url())
                    .webhooks(0, webhooks, Events::type, i -> receivers.url() + "/hook/" + i, SetUp.HEADER));
            try (Program program = Program.product(plan, folder, Measuring.HEAP, Measuring.PLAIN)) {
                program.awaitUp();
                Measuring.say(String.format(
                        "up with %d webhooks after %d s",
                        webhooks, TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - program.begin())));
                return Measuring.throughput(
                        Measuring.number(webhooks) + " webhooks", plan, vertx, program, receivers, events);
            } finally {
                Program.delete(folder);
            }
        }
    }

    /** In no order that a cache would like. */
    private static int scattered(int id, int many) {
        return Integer.remainderUnsigned(id * 0x9E3779B1, many);
    }
}
