package io.engagementwebhooks.webhook;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The most requests of a webhook per second, minute or hour, spread evenly.
 *
 * @param requests from 1 to {@value #MOST}
 * @param unit the period, as a sliding window
 */
public record RateLimit(int requests, Unit unit) {

    /** Higher rates need no limit. */
    public static final int MOST = 10_000;

    private static final int SECONDS = 60;
    private static final Pattern TEXT = Pattern.compile("([1-9]\\d{0,4})/([a-z])");

    /** The period of a limit. */
    public enum Unit {
        SECOND("s", Duration.of(1, ChronoUnit.SECONDS)),
        MINUTE("m", Duration.of(1, ChronoUnit.MINUTES)),
        HOUR("h", Duration.of(1, ChronoUnit.HOURS));

        private final String letter;
        private final Duration duration;

        Unit(String letter, Duration duration) {
            this.letter = letter;
            this.duration = duration;
        }

        public Duration duration() {
            return duration;
        }
    }

    public RateLimit {
        Objects.requireNonNull(unit);
        if (requests < 1 || requests > MOST) {
            throw new IllegalArgumentException("from 1 to " + MOST + " requests");
        }
    }

    /** A limit of requests a minute, at least one; null: higher than any limit. */
    public static RateLimit ofMinute(int requests) {
        int perSecond = requests / SECONDS;
        return requests <= MOST
                ? new RateLimit(requests, Unit.MINUTE)
                : perSecond > MOST ? null : new RateLimit(perSecond, Unit.SECOND);
    }

    /** Requests a minute, rounded up. */
    public int perMinute() {
        return (int) Math.ceil(perSecond() * SECONDS);
    }

    /** Requests a second. */
    public double perSecond() {
        return 1000.0 * requests / unit.duration().toMillis();
    }

    /** Parses a limit such as {@code 50/s}; empty if invalid. */
    public static Optional<RateLimit> of(String text) {
        Matcher matcher = TEXT.matcher(text.replace(" ", ""));
        if (!matcher.matches() || Integer.parseInt(matcher.group(1)) > MOST) {
            return Optional.empty();
        }
        return Arrays.stream(Unit.values())
                .filter(unit -> unit.letter.equals(matcher.group(2)))
                .map(unit -> new RateLimit(Integer.parseInt(matcher.group(1)), unit))
                .findFirst();
    }
}
