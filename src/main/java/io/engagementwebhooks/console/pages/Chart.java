package io.engagementwebhooks.console.pages;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * Lines over time, as the points of an SVG picture that the server draws: no script, and nothing to wait for. Immutable.
 *
 * @param top the value at the upper edge
 * @param lines each line's points, {@code x,y} with spaces between them
 * @param unit what values are counted in
 */
record Chart(double top, List<String> lines, String unit) {

    static final int WIDTH = 420;
    static final int HEIGHT = 130;

    /** @param lines values of each line, the oldest first, all of one length */
    static Chart of(String unit, double[]... lines) {
        double most = 0;
        for (double[] line : lines) {
            most = Math.max(most, DoubleStream.of(line).max().orElse(0));
        }
        double top = round(most);
        List<String> drawn = new ArrayList<>();
        for (double[] line : lines) {
            drawn.add(points(line, top));
        }
        return new Chart(top, drawn, unit);
    }

    /** The next of 1, 2, 5, 10, 20, 50…, so that labels are easy to read. */
    private static double round(double most) {
        double step = 1;
        while (step < most) {
            if (step * 2 >= most) {
                return step * 2;
            }
            if (step * 5 >= most) {
                return step * 5;
            }
            step *= 10;
        }
        return step;
    }

    private static String points(double[] line, double top) {
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < line.length; i++) {
            double x = line.length == 1 ? 0 : (double) WIDTH * i / (line.length - 1);
            double y = HEIGHT - HEIGHT * line[i] / top;
            points.append(i == 0 ? "" : " ").append(String.format(Locale.ROOT, "%.1f,%.1f", x, y));
        }
        return points.toString();
    }

    /** The first line's points, closed along the lower edge. */
    String area() {
        return "0," + HEIGHT + " " + lines.get(0) + " " + WIDTH + "," + HEIGHT;
    }

    /** The value of a grid line. @param share from 0 to 1 of the height */
    String label(double share) {
        double value = top * share;
        String number =
                value == Math.rint(value) ? Long.toString((long) value) : String.format(Locale.ROOT, "%.1f", value);
        return number + unit;
    }
}
