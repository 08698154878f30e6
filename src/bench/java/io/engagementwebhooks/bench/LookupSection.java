package io.engagementwebhooks.bench;

import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.List;

/** Throughput where an account has very many webhooks, in turn with few; each event is for one of them. */
final class LookupSection implements Section {

    private static final int FEW = 100;

    /** What docs/operations.md advises for 100 000 webhooks. */
    private static final List<String> HEAP = List.of("-Xmx1g");

    @Override
    public void run(Plan plan, Vertx vertx, Report report) throws Exception {
        try (Contest contest = new Contest(plan, vertx)) {
            contest.enter(with(FEW, plan, vertx));
            contest.enter(with(plan.webhooks(), plan, vertx));
            contest.run(report);
            report.add(new Figure(
                    "many-webhooks-to-few",
                    "throughput with " + name(plan.webhooks()) + " against " + FEW,
                    contest.ratio(name(plan.webhooks()), name(FEW)),
                    "×",
                    Bar.atLeast(0.95),
                    contest.spread(name(plan.webhooks()), name(FEW))));
        }
    }

    private static String name(int webhooks) {
        return Measuring.number(webhooks) + " webhooks";
    }

    private static Contestant with(int webhooks, Plan plan, Vertx vertx) throws Exception {
        EventTimes events = new EventTimes(Measuring.MOST_EVENTS, 1, id -> scattered(id, webhooks));
        Receivers receivers = new Receivers(vertx, events);
        Path folder = Measuring.folder(new BenchConfig(receivers.url())
                .webhooks(0, webhooks, EventTimes::type, i -> receivers.url() + "/hook/" + i, BenchConfig.HEADER));
        Program program = Program.product(plan, folder, HEAP);
        return Contestant.product(name(webhooks), program, receivers, events, folder);
    }

    /** In a cache-unfriendly order. */
    private static int scattered(int id, int many) {
        return Integer.remainderUnsigned(id * 0x9E3779B1, many);
    }
}
