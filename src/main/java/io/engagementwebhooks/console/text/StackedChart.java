package io.engagementwebhooks.console.text;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Deliveries over time as a stacked bar chart in SVG. The scale is linear from 0. Immutable.
 *
 * @param step width of a column in time
 * @param columns oldest first
 * @param ticks values of the 4 to 6 grid lines, from 0 to the top
 */
public record StackedChart(Duration step, List<Column> columns, List<Long> ticks) {

    public static final int WIDTH = 600;
    public static final int HEIGHT = 160;

    /** Height of the smallest visible bar. */
    private static final double LEAST = 2;

    private static final double GAP = 0.15;

    /**
     * Values of an interval.
     *
     * @param at when it begins
     */
    public record Values(Instant at, long delivered, long retried, long failed) {

        long sum() {
            return delivered + retried + failed;
        }
    }

    /** A part of a column. @param kind its CSS class */
    public record Bar(String kind, String y, String height) {}

    /**
     * A column.
     *
     * @param x its left edge
     * @param width of its bars
     * @param bars from bottom to top, without empty ones
     */
    public record Column(Values values, String x, String width, List<Bar> bars) {

        public String words() {
            return NumberText.count(values.delivered()) + " delivered, " + NumberText.count(values.retried())
                    + " retrying, " + NumberText.count(values.failed()) + " failed";
        }
    }

    /** @param values one per interval, oldest first */
    public static StackedChart of(Duration step, List<Values> values) {
        List<Long> ticks = ticks(values.stream().mapToLong(Values::sum).max().orElse(0));
        double top = ticks.get(ticks.size() - 1);
        double each = (double) WIDTH / Math.max(1, values.size());
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            columns.add(new Column(
                    values.get(i),
                    number(i * each + each * GAP / 2),
                    number(each * (1 - GAP)),
                    bars(values.get(i), top)));
        }
        return new StackedChart(step, columns, ticks);
    }

    private static List<Bar> bars(Values values, double top) {
        List<Bar> bars = new ArrayList<>();
        double y = HEIGHT;
        y = add(bars, "delivered", values.delivered(), y, top);
        y = add(bars, "retried", values.retried(), y, top);
        add(bars, "failed", values.failed(), y, top);
        return bars;
    }

    private static double add(List<Bar> bars, String kind, long value, double y, double top) {
        if (value == 0) {
            return y;
        }
        double height = Math.min(y, Math.max(LEAST, HEIGHT * value / top));
        bars.add(new Bar(kind, number(y - height), number(height)));
        return y - height;
    }

    /** 3 to 5 steps of 1, 2 or 5 times a power of ten, the last at or above the maximum. */
    private static List<Long> ticks(long most) {
        long power = 1;
        while (true) {
            for (long step : new long[] {power, 2 * power, 5 * power}) {
                long steps = Math.max(3, (most + step - 1) / step);
                if (steps <= 5) {
                    List<Long> ticks = new ArrayList<>();
                    for (long tick = 0; tick <= steps; tick++) {
                        ticks.add(tick * step);
                    }
                    return ticks;
                }
            }
            power *= 10;
        }
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    /** Whether there was no activity. */
    public boolean isEmpty() {
        return columns.stream().allMatch(column -> column.values().sum() == 0);
    }

    /** The y of a grid line. */
    public String y(long tick) {
        return number(HEIGHT - HEIGHT * (double) tick / ticks.get(ticks.size() - 1));
    }

    /** Times of its left edge, middle and right edge. */
    public List<String> labels() {
        // a last column that has just begun is not counted
        Duration span = step.multipliedBy(columns.size() - columns.size() % 2);
        return List.of(DurationText.shortly(span) + " ago", DurationText.shortly(span.dividedBy(2)) + " ago", "now");
    }

    /** Width of a column in words, such as "15 minutes". */
    public String stepText() {
        return DurationText.of(step);
    }
}
