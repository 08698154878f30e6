package io.engagementwebhooks.bench;

import io.engagementwebhooks.testkit.Certificates;
import io.vertx.core.Vertx;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Delivery to slow receivers, as most are: throughput, latency and resources, and the latency of another account. */
final class LatencyOfReceiversSection implements Section {

    private static final String NAME = "receivers that answer ";

    /** A share of what is offered. */
    private static final double MOST = 0.98;

    private static final int CONNECTIONS = 256;
    private static final Duration DRAIN = Duration.ofSeconds(180);

    private static final String TRUST = "trust";
    private static final String PASSWORD = "changeit";
    private static final List<String> TRUSTING =
            List.of("-Djavax.net.ssl.trustStore=" + TRUST, "-Djavax.net.ssl.trustStorePassword=" + PASSWORD);

    /**
     * @param latency how long each receiver takes
     * @param tls whether they speak TLS 1.3
     * @param webhooks all of them at one host and port
     * @param perSecond events, each for one webhook
     * @param heap an option of java, or empty: the launcher's
     * @param p99 the bar of milliseconds from the event to the first byte at its receiver, or 0: none
     */
    private record Case(
            String name, Duration latency, boolean tls, int webhooks, int perSecond, String heap, double p99) {

        List<String> options() {
            List<String> options = new ArrayList<>(TRUSTING);
            if (!heap.isEmpty()) {
                options.add(heap);
            }
            return options;
        }

        String words() {
            return NAME + name + ", " + webhooks + " webhooks at one host";
        }
    }

    private static final List<Case> CASES = List.of(
            new Case("after 200 ms", Duration.ofMillis(200), false, 100, 1_500, "", 250),
            new Case("after 200 ms over TLS", Duration.ofMillis(200), true, 100, 1_500, "", 250),
            new Case("after 2 s", Duration.ofSeconds(2), false, 500, 1_000, "-Xmx512m", 0),
            new Case("after 2 s over TLS", Duration.ofSeconds(2), true, 500, 1_000, "-Xmx512m", 0),
            new Case("after 10 s", Duration.ofSeconds(10), false, 500, 980, "-Xmx512m", 0));

    @Override
    public void run(Plan plan, Vertx vertx, Report report) throws Exception {
        try (Launcher launcher = Launcher.of(plan)) {
            for (Case each : CASES) {
                run(each, launcher, plan, vertx, report);
            }
            new OtherAccountLatency(plan, launcher, vertx, report).measure();
        }
    }

    private static void run(Case of, Launcher launcher, Plan plan, Vertx vertx, Report report) throws Exception {
        Measuring.say(NAME + of.name + ": "
                + plan.warmUp().plus(plan.openWarmUp()).toSeconds() + " s to warm up, "
                + plan.openMeasure().toSeconds() + " s to measure");
        EventTimes events = new EventTimes(Measuring.MOST_EVENTS, 1, id -> id % of.webhooks);
        Certificates authority = new Certificates();
        try (Receivers receivers =
                of.tls ? Receivers.overTls(vertx, events, authority) : new Receivers(vertx, events)) {
            Path folder = Measuring.folder(new BenchConfig(receivers.url())
                    .webhooks(
                            0, of.webhooks, EventTimes::type, i -> receivers.url() + "/hook/" + i, BenchConfig.HEADER));
            try (OutputStream trust = Files.newOutputStream(folder.resolve(TRUST))) {
                authority.trustStore().store(trust, PASSWORD.toCharArray());
            }
            try (Program program = launcher.start(folder, of.options());
                    Loop loop = new Loop(vertx, program.port(), events, CONNECTIONS)) {
                program.awaitUp();
                Measuring.warmUp(plan, loop, events);
                receivers.latency(of.latency);
                loop.open(of.perSecond, plan.openWarmUp());
                long from = System.nanoTime();
                Figure begun = begun(of, plan.openMeasure(), program, receivers, loop);
                long until = System.nanoTime();
                receivers.latency(Duration.ZERO);
                Measuring.await(() -> loop.isAllAnswered() && events.lost() == 0, DRAIN);
                report.check(NAME + of.name, events.lost(), events.doubled());
                report.add(begun);
                Distribution arrived = Distribution.of(NAME + of.name, events.untilArrived(from, until, id -> true));
                report.add(arrived);
                report.add(new Figure(
                        NAME + of.name + ", p99",
                        of.words() + ": p99 from the event to its first byte",
                        arrived.at(99),
                        "ms",
                        of.p99 == 0 ? null : Bar.atMost(of.p99),
                        String.format("median %.1f ms", arrived.at(50))));
            } finally {
                Program.delete(folder);
            }
        }
    }

    private static Figure begun(Case of, Duration time, Program program, Receivers receivers, Loop loop)
            throws Exception {
        long before = receivers.begun();
        long refused = loop.refused();
        long from = System.nanoTime();
        loop.open(of.perSecond, time);
        double perSecond = (receivers.begun() - before) * 1e9 / (System.nanoTime() - from);
        return new Figure(
                NAME + of.name,
                of.words() + ": requests begun, of " + Measuring.number(of.perSecond) + " events a second",
                perSecond / of.perSecond,
                "×",
                Bar.atLeast(MOST),
                String.format(
                        "%.0f/s; %d in flight at most, %d threads, %d MB resident%s, %d not accepted",
                        perSecond,
                        receivers.takeMostInFlight(),
                        program.threads(),
                        program.residentMb(true),
                        of.heap.isEmpty() ? "" : " with " + of.heap,
                        loop.refused() - refused));
    }
}
