package io.engagementwebhooks.console.pages;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.stream.DoubleStream;

/**
 * Lines over time, as the points of an SVG picture that the server draws: no script, and nothing to wait for. Immutable.
 *
 * @param top the value at the upper edge
 * @param lines each line's stretches, which are points, {@code x,y} with spaces between them
 * @param unit what values are counted in
 */
record Chart(double top, List<List<String>> lines, String unit) {

    static final int WIDTH = 420;
    static final int HEIGHT = 130;

    /** @param lines values of each line, the oldest first, all of one length; NaN: none, which breaks the line */
    static Chart of(String unit, double[]... lines) {
        double most = 0;
        for (double[] line : lines) {
            most = Math.max(
                    most,
                    DoubleStream.of(line)
                            .filter(value -> !Double.isNaN(value))
                            .max()
                            .orElse(0));
        }
        double top = round(most);
        List<List<String>> drawn = new ArrayList<>();
        for (double[] line : lines) {
            drawn.add(stretches(line, top));
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

    private static List<String> stretches(double[] line, double top) {
        List<String> stretches = new ArrayList<>();
        for (int i = 0; i < line.length; i++) {
            if (Double.isNaN(line[i])) {
                continue;
            }
            int first = i;
            StringJoiner points = new StringJoiner(" ");
            for (; i < line.length && !Double.isNaN(line[i]); i++) {
                points.add(point(line, i, top));
            }
            boolean isAlone = i == first + 1;
            stretches.add(isAlone ? points + " " + points : points.toString());
        }
        return stretches;
    }

    private static String point(double[] line, int i, double top) {
        double x = line.length == 1 ? 0 : (double) WIDTH * i / (line.length - 1);
        double y = HEIGHT - HEIGHT * line[i] / top;
        return String.format(Locale.ROOT, "%.1f,%.1f", x, y);
    }

    /** The first line's stretches, each closed along the lower edge. */
    List<String> areas() {
        return lines.get(0).stream().map(Chart::closed).toList();
    }

    private static String closed(String stretch) {
        String from = stretch.substring(0, stretch.indexOf(','));
        String to = stretch.substring(stretch.lastIndexOf(' ') + 1, stretch.lastIndexOf(','));
        return from + "," + HEIGHT + " " + stretch + " " + to + "," + HEIGHT;
    }

    /** The value of a grid line. @param share from 0 to 1 of the height */
    String label(double share) {
        double value = top * share;
        String number =
                value == Math.rint(value) ? Long.toString((long) value) : String.format(Locale.ROOT, "%.1f", value);
        return number + unit;
    }
}
