package io.engagementwebhooks.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The pictures of a run, as SVG that is readable on light and dark ground and runs no script. */
final class Charts {

    private static final int WIDTH = 760;
    private static final int LABELS = 220;
    private static final int PLOT = 360;
    private static final int ROW = 30;
    private static final double MOST_SHOWN = 3;
    private static final int NAME_HEIGHT = 16;
    private static final int CURVE_HEIGHT = 260;
    private static final int CURVE_LEFT = 60;
    private static final int CURVE_WIDTH = 540;
    private static final List<Double> CURVE = List.of(50.0, 75.0, 90.0, 95.0, 99.0, 99.5, 99.9);

    private static final String STYLE =
            """
            <style>
              text { font: 13px system-ui, sans-serif; fill: #1f2933; }
              .title { font-size: 16px; font-weight: 600; }
              .quiet { fill: #52606d; }
              .axis { stroke: #9aa5b1; stroke-width: 1; }
              .bar0 { fill: #2f6fed; } .bar1 { fill: #7b8794; }
              .line0 { stroke: #2f6fed; } .line1 { stroke: #c2410c; } .line2 { stroke: #15803d; } .line3 { stroke: #7b8794; }
              .dot0 { fill: #2f6fed; } .dot1 { fill: #c2410c; } .dot2 { fill: #15803d; } .dot3 { fill: #7b8794; }
              .limit { stroke: #c2410c; stroke-width: 2; stroke-dasharray: 4 3; }
              path { fill: none; stroke-width: 2; }
              @media (prefers-color-scheme: dark) {
                text { fill: #e4e7eb; } .quiet { fill: #9aa5b1; } .axis { stroke: #52606d; }
                .bar0 { fill: #6ea0ff; } .bar1 { fill: #9aa5b1; }
                .line0 { stroke: #6ea0ff; } .line1 { stroke: #fb923c; } .line2 { stroke: #4ade80; } .line3 { stroke: #9aa5b1; }
                .dot0 { fill: #6ea0ff; } .dot1 { fill: #fb923c; } .dot2 { fill: #4ade80; } .dot3 { fill: #9aa5b1; }
                .limit { stroke: #fb923c; }
              }
            </style>
            """;

    private record Bars(String label, double value, String text, boolean quiet, double limit) {}

    private Charts() {}

    /** Writes the charts that have figures. */
    static void write(Results results, Path folder) throws IOException {
        Files.createDirectories(folder);
        throughput(results, folder.resolve("bench-throughput.svg"));
        bars(results, folder.resolve("bench-bars.svg"));
        curves(
                "From when an event was to be sent, at 1000 events/s, by percentile, ms",
                List.of("202", "first byte"),
                results,
                folder.resolve("bench-latency.svg"));
        curves(
                "Until the first byte at healthy receivers, by percentile, ms",
                List.of("all well", "with bad ones"),
                results,
                folder.resolve("bench-fairness.svg"));
    }

    private static void throughput(Results results, Path file) throws IOException {
        List<Bars> bars = results.runs().stream()
                .map(run -> new Bars(
                        run.name(),
                        run.delivered(),
                        String.format(Locale.ROOT, "%,.0f", run.delivered()).replace(',', ' '),
                        run.name().startsWith("baseline"),
                        0))
                .toList();
        if (!bars.isEmpty()) {
            Files.writeString(file, horizontal("Delivered a second", bars));
        }
    }

    /** Each figure relative to its bar; met beyond the dashed line. */
    private static void bars(Results results, Path file) throws IOException {
        List<Bars> bars = new ArrayList<>();
        for (Figure figure : results.figures()) {
            if (figure.bar() != null && !Double.isNaN(figure.value())) {
                double share = figure.value() / figure.bar().limit();
                bars.add(new Bars(
                        figure.id(),
                        Math.min(figure.bar().least() ? share : 1 / share, MOST_SHOWN),
                        figure.valueText() + " (" + figure.barText() + ")",
                        !figure.isMet(),
                        1));
            }
        }
        if (!bars.isEmpty()) {
            Files.writeString(file, horizontal("How far each bar is met: right of the dashed line it is", bars));
        }
    }

    private static String horizontal(String title, List<Bars> bars) {
        double most = bars.stream()
                .mapToDouble(bar -> Math.max(bar.value(), bar.limit()))
                .max()
                .orElse(1);
        StringBuilder svg = open(title, 50 + ROW * bars.size() + 10);
        int y = 50;
        for (Bars bar : bars) {
            double width = Math.max(1, PLOT * bar.value() / most);
            svg.append(text(LABELS - 8, y + 16, "end", "", bar.label()));
            svg.append(String.format(
                    Locale.ROOT,
                    "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"20\" rx=\"2\"/>%n",
                    bar.quiet() ? "bar1" : "bar0",
                    LABELS,
                    y,
                    width));
            if (bar.limit() > 0) {
                double x = LABELS + PLOT * bar.limit() / most;
                svg.append(line("limit", x, y - 4, x, y + 24));
            }
            svg.append(text(LABELS + width + 6, y + 16, "start", "quiet", bar.text()));
            y += ROW;
        }
        return svg.append("</svg>\n").toString();
    }

    private static void curves(String title, List<String> names, Results results, Path file) throws IOException {
        List<Distribution> shown = results.distributions().stream()
                .filter(distribution -> names.contains(distribution.name()))
                .toList();
        if (!shown.isEmpty()) {
            Files.writeString(file, curves(title, shown));
        }
    }

    private static String curves(String title, List<Distribution> shown) {
        double most = nice(shown.stream()
                .mapToDouble(each -> each.at(CURVE.get(CURVE.size() - 1)))
                .max()
                .orElse(1));
        StringBuilder svg = open(title, CURVE_HEIGHT + 100);
        int bottom = 50 + CURVE_HEIGHT;
        for (int tick = 0; tick <= 4; tick++) {
            double y = bottom - CURVE_HEIGHT * tick / 4.0;
            svg.append(line("axis", CURVE_LEFT, y, CURVE_LEFT + CURVE_WIDTH, y));
            svg.append(text(CURVE_LEFT - 8, y + 4, "end", "quiet", number(most * tick / 4)));
        }
        for (int i = 0; i < CURVE.size(); i++) {
            svg.append(text(x(i), bottom + 20, "middle", "quiet", "p" + number(CURVE.get(i))));
        }
        for (int line = 0; line < shown.size(); line++) {
            svg.append(curve(shown.get(line), line, most, bottom));
        }
        double last = CURVE.get(CURVE.size() - 1);
        double free = 0;
        for (Distribution each : shown.stream()
                .sorted(Comparator.comparingDouble((Distribution one) -> one.at(last))
                        .reversed())
                .toList()) {
            // beside the end of its curve, and below the previous name
            double y = Math.max(free, bottom - CURVE_HEIGHT * each.at(last) / most + 4);
            svg.append(text(CURVE_LEFT + CURVE_WIDTH + 10, y, "start", "", each.name()));
            free = y + NAME_HEIGHT;
        }
        return svg.append("</svg>\n").toString();
    }

    private static String curve(Distribution distribution, int line, double most, int bottom) {
        StringBuilder path = new StringBuilder();
        StringBuilder dots = new StringBuilder();
        for (int i = 0; i < CURVE.size(); i++) {
            double y = bottom - CURVE_HEIGHT * distribution.at(CURVE.get(i)) / most;
            path.append(String.format(Locale.ROOT, "%s%.1f %.1f", i == 0 ? "M" : " L", x(i), y));
            dots.append(String.format(
                    Locale.ROOT,
                    "<circle class=\"dot%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"><title>%s p%s: %s ms</title></circle>%n",
                    line,
                    x(i),
                    y,
                    distribution.name(),
                    number(CURVE.get(i)),
                    number(distribution.at(CURVE.get(i)))));
        }
        return "<path class=\"line" + line + "\" d=\"" + path + "\"/>\n" + dots;
    }

    private static double x(int percentile) {
        return CURVE_LEFT + CURVE_WIDTH * (percentile + 0.5) / CURVE.size();
    }

    /** The next of 1, 2, 5 and their tens. */
    private static double nice(double value) {
        double ten = Math.pow(10, Math.floor(Math.log10(Math.max(value, 0.001))));
        return value <= ten ? ten : value <= 2 * ten ? 2 * ten : value <= 5 * ten ? 5 * ten : 10 * ten;
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : String.format(Locale.ROOT, "%.3g", value);
    }

    private static StringBuilder open(String title, int height) {
        return new StringBuilder(String.format(
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%n",
                        WIDTH, height, escaped(title)))
                .append(STYLE)
                .append(text(10, 26, "start", "title", title));
    }

    private static String line(String type, double x1, double y1, double x2, double y2) {
        return String.format(
                Locale.ROOT,
                "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n",
                type,
                x1,
                y1,
                x2,
                y2);
    }

    private static String text(double x, double y, String anchor, String type, String text) {
        return String.format(
                Locale.ROOT,
                "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n",
                type,
                x,
                y,
                anchor,
                escaped(text));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }
}
