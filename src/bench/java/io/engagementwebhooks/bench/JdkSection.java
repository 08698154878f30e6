package io.engagementwebhooks.bench;

import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;

/** Throughput on this JDK, on another one, and there with virtual threads, in turn; and the latency of each. */
final class JdkSection implements Section {

    private static final String VIRTUAL = "-Dcamel.threads.virtual.enabled=true";

    private final Path other;

    /** @param other the home of the other JDK */
    JdkSection(Path other) {
        this.other = other;
    }

    @Override
    public void run(Plan plan, Vertx vertx, Report report) throws Exception {
        if (!Files.isExecutable(other.resolve("bin/java"))) {
            Measuring.say("there is no other JDK at " + other + ": BENCH_OTHER_JDK names one");
            return;
        }
        Plan onOther = plan.on(other, plan.options());
        Plan virtual = onOther.with(VIRTUAL);
        try (Contest contest = new Contest(plan, vertx)) {
            for (Plan each : new Plan[] {plan, onOther, virtual}) {
                contest.enter(Contestant.product(name(each), BenchConfig.HEADER, false, each, vertx));
            }
            contest.run(report);
            report.add(ratio("other-jdk-to-jdk", onOther, plan, contest));
            report.add(ratio("virtual-to-platform", virtual, onOther, contest));
        }
        latency("jdk", plan, vertx, report);
        latency("other-jdk", onOther, vertx, report);
        latency("other-jdk-virtual", virtual, vertx, report);
    }

    private static String name(Plan plan) {
        return Machine.jdk(plan.home()) + (plan.options().contains(VIRTUAL) ? ", virtual threads" : "");
    }

    private static Figure ratio(String id, Plan one, Plan another, Contest contest) {
        return new Figure(
                id,
                "throughput on " + name(one) + " against " + name(another),
                contest.ratio(name(one), name(another)),
                "×",
                null,
                contest.spread(name(one), name(another)));
    }

    private static void latency(String id, Plan plan, Vertx vertx, Report report) throws Exception {
        LatencySection.Latencies latencies = LatencySection.measure(", " + name(plan), plan, vertx, report);
        report.add(new Figure(
                id + "-p99-accepted",
                name(plan) + ": p99 of the 202 at 1000 events/s",
                latencies.accepted().at(99),
                "ms",
                null,
                ""));
        report.add(new Figure(
                id + "-p99-arrived",
                name(plan) + ": p99 until the first byte at the receiver at 1000 events/s",
                latencies.arrived().at(99),
                "ms",
                null,
                ""));
    }
}
