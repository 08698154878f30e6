package io.engagementwebhooks.bench;

import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Throughput and latency on this JDK, on another one, and there with virtual threads. */
final class JdkSection implements Section {

    private static final String VIRTUAL = "-Dcamel.threads.virtual.enabled=true";

    private final Path other;

    /** @param other the home of the other JDK */
    JdkSection(Path other) {
        this.other = other;
    }

    @Override
    public void run(Plan plan, Vertx vertx, Report report) throws Exception {
        measure("jdk", plan, vertx, report);
        if (!Files.isExecutable(other.resolve("bin/java"))) {
            Measuring.say("there is no other JDK at " + other + ": BENCH_OTHER_JDK names one");
            return;
        }
        measure("other-jdk", plan.on(other, plan.options()), vertx, report);
        List<String> options = new ArrayList<>(plan.options());
        options.add(VIRTUAL);
        measure("other-jdk-virtual", plan.on(other, options), vertx, report);
    }

    private static void measure(String id, Plan plan, Vertx vertx, Report report) throws Exception {
        String name = Machine.jdk(plan.home()) + (plan.options().contains(VIRTUAL) ? ", virtual threads" : "");
        LatencySection.Latencies latencies = LatencySection.measure(", " + name, plan, vertx, report);
        report.add(latencies.run());
        report.add(new Figure(
                id + "-p99-accepted",
                name + ": p99 of the 202 at 1000 events/s",
                latencies.accepted().at(99),
                "ms",
                null,
                ""));
        report.add(new Figure(
                id + "-p99-arrived",
                name + ": p99 until the first byte at the receiver at 1000 events/s",
                latencies.arrived().at(99),
                "ms",
                null,
                ""));
    }
}
