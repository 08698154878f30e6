package io.engagementwebhooks.bench;

import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/**
 * The first half minute of a product that was just started by the launcher with its archive: the load begins when it
 * serves. Each row starts a process, on this JDK and on another, in turn with another build if {@code BENCH_OTHER_JAR}
 * names one, whose launcher is {@code BENCH_OTHER_LAUNCHER}. {@code BENCH_COLD} selects rows.
 *
 * <p>Three times are measured: from when the event was to be sent until its 202; from this 202 until the first byte at
 * the receiver; and from when it was to be sent until this first byte, which hides no slow 202.
 */
final class ColdSection implements Section {

    private static final int WEBHOOKS = 100;
    private static final int POSTERS = 256;
    private static final int FIRST_WITH_BARS = 25;
    private static final Duration LENGTH = Duration.ofSeconds(30);
    private static final Duration QUICK_LENGTH = Duration.ofSeconds(15);
    private static final Duration WARM_UP = Duration.ofSeconds(8);
    private static final Duration DRAIN = Duration.ofSeconds(60);

    private final Path otherJdk;
    private final Map<String, List<Window>> windows = new LinkedHashMap<>();

    /** A load. @param perSecond 0: a closed loop */
    private record Row(String id, String what, int perSecond, Duration latency, List<Span> spans) {

        Row within(Duration length) {
            return new Row(
                    id,
                    what,
                    perSecond,
                    latency,
                    spans.stream()
                            .filter(span -> span.until <= length.toSeconds())
                            .toList());
        }
    }

    /**
     * Seconds of a row.
     *
     * @param p99 the bar of milliseconds from the 202 to the first byte on JDK 25; NaN: none
     * @param begun the bar of requests begun a second there; NaN: none
     */
    private record Span(int from, int until, double p99, double begun) {

        @Override
        public String toString() {
            return "seconds " + from + " to " + until;
        }
    }

    /** What one process did in a span. */
    private record Window(double begun, Histogram fromAccepted, Histogram accepted, Histogram fromPlanned) {}

    /** A build on a JDK. @param isOfBars whether its bars apply */
    private record Side(String id, String name, Launcher launcher, boolean isOfBars) {}

    private static final List<Row> ROWS = List.of(
            new Row(
                    "150",
                    "150 events/s, receivers at once",
                    150,
                    Duration.ZERO,
                    List.of(new Span(0, 15, 60, Double.NaN), new Span(15, 30, 60, Double.NaN))),
            new Row(
                    "1200",
                    "1 200 events/s, receivers after 200 ms",
                    1_200,
                    Duration.ofMillis(200),
                    List.of(new Span(0, 15, 250, Double.NaN), new Span(15, 30, 250, Double.NaN))),
            new Row(
                    "posters",
                    POSTERS + " posters, receivers at once",
                    0,
                    Duration.ZERO,
                    List.of(new Span(0, 12, Double.NaN, Double.NaN), new Span(12, 27, 1_000, 1_900))));

    /** @param otherJdk left out where it is not installed */
    ColdSection(Path otherJdk) {
        this.otherJdk = otherJdk;
    }

    @Override
    public void run(Plan plan, Vertx vertx, Report report) throws Exception {
        windows.clear();
        List<Plan> plans = new ArrayList<>(List.of(plan));
        if (Files.isExecutable(otherJdk.resolve("bin/java"))) {
            plans.add(plan.on(otherJdk, plan.options()));
        }
        for (Plan each : plans) {
            on(each, vertx, report);
        }
    }

    private void on(Plan plan, Vertx vertx, Report report) throws Exception {
        String jdk = Machine.jdk(plan.home());
        List<Side> sides = new ArrayList<>();
        try {
            boolean isOfBars = feature(jdk) >= FIRST_WITH_BARS;
            sides.add(new Side("cold", jdk, Launcher.of(plan), isOfBars));
            Optional<String> other = Optional.ofNullable(System.getenv("BENCH_OTHER_JAR"));
            if (other.isPresent()) {
                Path script = Path.of(Optional.ofNullable(System.getenv("BENCH_OTHER_LAUNCHER"))
                                .orElse("bin/engagement-webhooks"))
                        .toAbsolutePath();
                Launcher launcher = Launcher.of(plan, Path.of(other.get()), script);
                sides.add(new Side("cold-other", jdk + ", the other build", launcher, false));
            }
            // the load generator and the receivers must not be what is cold
            Measuring.say("warm-up of the load generator");
            once(new Row("", "", 0, Duration.ZERO, List.of()), WARM_UP, sides.get(0).launcher, vertx, report);
            List<String> chosen = Optional.ofNullable(System.getenv("BENCH_COLD"))
                    .map(text -> List.of(text.split(",")))
                    .orElse(List.of());
            for (Row row : ROWS) {
                if (chosen.isEmpty() || chosen.contains(row.id)) {
                    Duration length = plan.quick() ? QUICK_LENGTH : LENGTH;
                    row(row.within(length), length, sides, plan.quick() ? 1 : 3, jdk, vertx, report);
                }
            }
        } finally {
            for (Side side : sides) {
                side.launcher.close();
            }
        }
    }

    private void row(Row row, Duration length, List<Side> sides, int turns, String jdk, Vertx vertx, Report report)
            throws Exception {
        for (int turn = 0; turn < turns; turn++) {
            for (Side side : sides) {
                Measuring.say(row.what + ", " + side.name);
                List<Window> found = once(row, length, side.launcher, vertx, report);
                for (int i = 0; i < found.size(); i++) {
                    windows.computeIfAbsent(key(row, side, jdk, i), missing -> new ArrayList<>())
                            .add(found.get(i));
                }
            }
        }
        for (int i = 0; i < row.spans.size(); i++) {
            for (Side side : sides) {
                figures(
                        row,
                        row.spans.get(i),
                        side,
                        windows.get(key(row, side, jdk, i)),
                        key(row, side, jdk, i),
                        report);
            }
        }
    }

    private static String key(Row row, Side side, String jdk, int span) {
        return side.id + "-" + row.id + "-" + row.spans.get(span).from + "-jdk" + feature(jdk);
    }

    /** 17 of "JDK 17.0.12"; 0: unknown. */
    private static int feature(String jdk) {
        String digits = jdk.replaceAll("^JDK (\\d+).*|.*", "$1");
        return digits.isEmpty() ? 0 : Integer.parseInt(digits);
    }

    private static void figures(Row row, Span span, Side side, List<Window> all, String id, Report report) {
        String what = row.what + ", " + span + " after the start, " + side.name;
        boolean hasP99 = side.isOfBars && !Double.isNaN(span.p99);
        report.add(new Figure(
                id + "-p99",
                what + ": p99 from the 202 to the first byte",
                median(all, window -> at(window.fromAccepted, 99)),
                "ms",
                hasP99 ? Bar.atMost(span.p99) : null,
                String.format(
                        Locale.ROOT,
                        "median %.1f ms; from when each was to be sent p50 %.1f, p99 %.0f ms, the 202 %.1f and %.0f ms; %s",
                        median(all, window -> at(window.fromAccepted, 50)),
                        median(all, window -> at(window.fromPlanned, 50)),
                        median(all, window -> at(window.fromPlanned, 99)),
                        median(all, window -> at(window.accepted, 50)),
                        median(all, window -> at(window.accepted, 99)),
                        spread(all, window -> at(window.fromAccepted, 99)))));
        report.add(new Figure(
                id + "-begun",
                what + ": requests begun",
                median(all, Window::begun),
                "/s",
                side.isOfBars && !Double.isNaN(span.begun) ? Bar.atLeast(span.begun) : null,
                spread(all, Window::begun)));
    }

    private static double at(Histogram micros, double percentile) {
        return micros.getValueAtPercentile(percentile) / 1000.0;
    }

    private static double median(List<Window> all, ToDoubleFunction<Window> value) {
        List<Double> sorted = sorted(all, value);
        return sorted.get(sorted.size() / 2);
    }

    private static String spread(List<Window> all, ToDoubleFunction<Window> value) {
        List<Double> sorted = sorted(all, value);
        return sorted.size() == 1
                ? "one start"
                : String.format(
                        Locale.ROOT,
                        "%.4g to %.4g, %d starts",
                        sorted.get(0),
                        sorted.get(sorted.size() - 1),
                        sorted.size());
    }

    private static List<Double> sorted(List<Window> all, ToDoubleFunction<Window> value) {
        List<Double> sorted =
                new ArrayList<>(all.stream().map(value::applyAsDouble).toList());
        Collections.sort(sorted);
        return sorted;
    }

    private static List<Window> once(Row row, Duration length, Launcher launcher, Vertx vertx, Report report)
            throws Exception {
        EventTimes events = new EventTimes(Measuring.MOST_EVENTS / 10, 1, event -> event % WEBHOOKS);
        try (Receivers receivers = new Receivers(vertx, events)) {
            receivers.latency(row.latency);
            Path folder = Measuring.folder(new BenchConfig(receivers.url())
                    .webhooks(
                            0,
                            WEBHOOKS,
                            EventTimes::type,
                            webhook -> receivers.url() + "/hook/" + webhook,
                            BenchConfig.HEADER));
            try (Program program = launcher.start(folder, List.of());
                    Loop loop = new Loop(vertx, program.port(), events, POSTERS)) {
                program.awaitUp();
                Measuring.say(String.format(
                        Locale.ROOT, "  served after %.2f s", (System.nanoTime() - program.begin()) / 1e9));
                Duration cpu = program.cpu();
                long begin = System.nanoTime();
                if (row.perSecond > 0) {
                    loop.open(row.perSecond, length);
                } else {
                    loop.closed(length).await();
                }
                Measuring.await(() -> loop.isAllAnswered() && events.lost() == 0, DRAIN);
                Measuring.say(String.format(
                        Locale.ROOT,
                        "  %.0f µs of processor a delivery",
                        program.cpu().minus(cpu).toNanos() / 1e3 / Math.max(1, receivers.arrived())));
                report.check(row.what, events.lost(), events.doubled());
                if (loop.refused() > 0) {
                    Measuring.say("  " + loop.refused() + " not accepted");
                }
                return row.spans.stream()
                        .map(span ->
                                window(events, begin + span.from * 1_000_000_000L, begin + span.until * 1_000_000_000L))
                        .toList();
            } finally {
                Program.delete(folder);
            }
        }
    }

    private static Window window(EventTimes events, long from, long until) {
        return new Window(
                events.arrivedIn(from, until) * 1e9 / (until - from),
                events.fromAcceptedUntilArrived(from, until, event -> true),
                events.untilAccepted(from, until, event -> true),
                events.untilArrived(from, until, event -> true));
    }
}
