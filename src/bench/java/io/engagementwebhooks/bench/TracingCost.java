package io.engagementwebhooks.bench;

import com.sun.management.OperatingSystemMXBean;
import io.engagementwebhooks.deliver.AttemptSpans;
import io.engagementwebhooks.deliver.AttemptTracing;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.request.RequestBuilding;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.TraceParent;
import io.engagementwebhooks.testkit.Collector;
import io.engagementwebhooks.testkit.Pause;
import io.engagementwebhooks.testkit.SampleAttempt;
import io.engagementwebhooks.testkit.SampleDelivery;
import io.engagementwebhooks.trace.SpanExport;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;

/** The processor time of an attempt's span, including its export to a collector in another process. */
final class TracingCost {

    private static final int ROUNDS = 5;
    private static final int ATTEMPTS = 20_000;
    /** Below what is dropped. */
    private static final int AT_ONCE = 500;

    private static final Duration BETWEEN = Duration.ofMillis(100);

    private TracingCost() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0) {
            collect();
            return;
        }
        Process collecting = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        TracingCost.class.getName(),
                        "collect")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader reported =
                new BufferedReader(new InputStreamReader(collecting.getInputStream(), StandardCharsets.UTF_8))) {
            URI collector = URI.create(reported.readLine());
            double off = measure("no trace", 0, "", AttemptTracing.PROPAGATE_ONLY);
            measure("a sender's trace, passed on", off, "01", AttemptTracing.PROPAGATE_ONLY);
            try (SpanExport export = new SpanExport(collector, 1, "bench")) {
                measure("exported", off, "01", new AttemptSpans(export.tracer()));
                measure("not sampled", off, "00", new AttemptSpans(export.tracer()));
            }
            collecting.getOutputStream().close();
            int made = (ROUNDS + 2) * ATTEMPTS;
            System.out.println("spans made " + made + ", spans that arrived " + reported.readLine());
        } finally {
            collecting.destroy();
        }
    }

    private static void collect() throws Exception {
        try (Collector collector = new Collector()) {
            System.out.println(collector.url() + "/v1/traces");
            while (System.in.read() >= 0) {
                // until the parent process has sent all
            }
            System.out.println(collector.spans().size());
        }
    }

    /** The median of some rounds, after two to warm up. @param flags empty: the event is of no trace */
    private static double measure(String name, double off, String flags, AttemptTracing tracing) {
        Delivery sample = new SampleDelivery(URI.create("https://crm.example.com/hooks")).delivery();
        Event event = sample.event()
                .withTrace(flags.isEmpty() ? null : new TraceParent("ab".repeat(16), "cd".repeat(8), flags));
        Delivery delivery =
                new Delivery(sample.id(), sample.webhook(), event, null, 1, sample.base(), sample.expiresAt());
        RequestBuilding building = new RequestBuilding(Clock.systemUTC(), tracing);
        DefaultCamelContext camel = new DefaultCamelContext();
        double[] rounds = new double[ROUNDS];
        for (int round = -2; round < ROUNDS; round++) {
            long start = processorNanos();
            for (int i = 0; i < ATTEMPTS; i++) {
                attempt(camel, building, tracing, delivery);
                if (i % AT_ONCE == 0) {
                    Pause.of(BETWEEN);
                }
            }
            if (round >= 0) {
                rounds[round] = (processorNanos() - start) / 1000.0 / ATTEMPTS;
            }
        }
        Arrays.sort(rounds);
        double median = rounds[ROUNDS / 2];
        System.out.printf(
                "%-28s %8.2f us of processor time%s%n",
                name, median, off == 0 ? "" : String.format("   adds %.2f", median - off));
        return median;
    }

    private static void attempt(
            DefaultCamelContext camel, RequestBuilding building, AttemptTracing tracing, Delivery delivery) {
        Exchange exchange = new DefaultExchange(camel);
        Instant now = Instant.now();
        exchange.getIn().setBody(delivery);
        DeliveryContext.of(exchange).restart(now);
        building.process(exchange);
        tracing.ending(exchange)
                .ended(SampleAttempt.of(1, now, 1, "delivered", "", null, 200, null, null), Instant.now());
    }

    private static long processorNanos() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
    }
}
