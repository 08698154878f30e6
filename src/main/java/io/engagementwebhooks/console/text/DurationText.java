package io.engagementwebhooks.console.text;

import java.time.Duration;
import java.util.Locale;

/** Durations in words. */
final class DurationText {

    private static final int MINUTE = 60;
    private static final int HOUR = 60 * MINUTE;
    private static final int DAY = 24 * HOUR;

    private DurationText() {}

    /** In whole seconds, minutes, hours or days: "minute", "15 minutes". */
    static String of(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds % DAY == 0) {
            return text(seconds / DAY, "day");
        }
        if (seconds % HOUR == 0) {
            return text(seconds / HOUR, "hour");
        }
        return seconds % MINUTE == 0 ? text(seconds / MINUTE, "minute") : text(seconds, "second");
    }

    /** To about a tenth: "45 min", "3.5 d". */
    static String shortly(Duration duration) {
        double seconds = duration.toSeconds();
        if (seconds >= 2 * DAY) {
            return rounded(seconds / DAY) + " d";
        }
        if (seconds >= 2 * HOUR) {
            return rounded(seconds / HOUR) + " h";
        }
        return seconds >= 2 * MINUTE ? rounded(seconds / MINUTE) + " min" : rounded(seconds) + " s";
    }

    private static String rounded(double value) {
        double tenths = Math.round(value * 10) / 10.0;
        return tenths == Math.rint(tenths) ? Long.toString((long) tenths) : String.format(Locale.ROOT, "%.1f", tenths);
    }

    private static String text(long number, String unit) {
        return number == 1 ? unit : number + " " + unit + "s";
    }
}
