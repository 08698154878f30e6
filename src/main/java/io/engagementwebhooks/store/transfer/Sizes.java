package io.engagementwebhooks.store.transfer;

import java.time.Duration;
import java.util.Locale;

/** Formats sizes and durations for people. */
public final class Sizes {

    private static final int STEP = 1_000;
    private static final String[] UNITS = {"bytes", "KB", "MB", "GB", "TB"};

    private Sizes() {}

    /** Such as {@code 1.7 GB}. */
    public static String text(long bytes) {
        double size = bytes;
        int unit = 0;
        while (size >= STEP && unit < UNITS.length - 1) {
            size /= STEP;
            unit++;
        }
        return unit == 0 ? bytes + " bytes" : String.format(Locale.ROOT, "%.1f %s", size, UNITS[unit]);
    }

    /** Such as {@code 3 min 5 s}. */
    public static String text(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        if (seconds < 60) {
            return seconds + " s";
        }
        return seconds < 3_600
                ? seconds / 60 + " min " + seconds % 60 + " s"
                : seconds / 3_600 + " h " + seconds / 60 % 60 + " min";
    }
}
