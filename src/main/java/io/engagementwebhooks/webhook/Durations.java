package io.engagementwebhooks.webhook;

import java.time.Duration;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parses and formats durations as users write them: {@code 300ms}, {@code 5s}, {@code 1m}, {@code 2h}, {@code 7d}. */
public final class Durations {

    private static final Pattern WRITTEN = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

    private Durations() {}

    /**
     * Reads a duration.
     *
     * @throws IllegalArgumentException if it is invalid; the message says how to write one, without the text
     */
    public static Duration parse(String text) {
        Matcher written = WRITTEN.matcher(Objects.requireNonNull(text).strip());
        if (!written.matches()) {
            throw new IllegalArgumentException("not a duration (write 300ms, 5s, 1m, 2h or 7d)");
        }
        long amount = Long.parseLong(written.group(1));
        return switch (written.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
    }

    /** The shortest way to write a duration, to the millisecond. */
    public static String text(Duration duration) {
        long ms = duration.toMillis();
        if (ms % 1000 != 0) {
            return ms + "ms";
        }
        long s = ms / 1000;
        if (s % 60 != 0 || s == 0) {
            return s + "s";
        }
        long m = s / 60;
        if (m % 60 != 0) {
            return m + "m";
        }
        long h = m / 60;
        return h % 24 != 0 ? h + "h" : h / 24 + "d";
    }
}
