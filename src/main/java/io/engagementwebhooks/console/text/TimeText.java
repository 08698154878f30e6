package io.engagementwebhooks.console.text;

import io.engagementwebhooks.console.forms.Form;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/** Times in forms. */
public final class TimeText {

    /** Labels of relative ranges. */
    public static final Map<String, String> WITHIN =
            Words.labels("15m", "15 minutes", "1h", "an hour", "24h", "a day", "7d", "a week");

    private static final Map<String, Duration> AGO = Map.of(
            "15m", Duration.ofMinutes(15),
            "1h", Duration.ofHours(1),
            "24h", Duration.ofDays(1),
            "7d", Duration.ofDays(7));

    private TimeText() {}

    /** The start of "within" and "from" as an API time; the later one if both are set; empty: none. */
    public static String begin(Form form, Clock clock) {
        String from = instant(form.text("from"));
        Duration ago = AGO.get(form.text("within"));
        if (ago == null) {
            return from;
        }
        Instant within = clock.instant().minus(ago).truncatedTo(ChronoUnit.MILLIS);
        try {
            return !from.isEmpty() && !Instant.parse(from).isBefore(within) ? from : within.toString();
        } catch (DateTimeParseException e) {
            return from;
        }
    }

    /** As an API time: a time without a zone is UTC; other text is unchanged. */
    public static String instant(String text) {
        try {
            return LocalDateTime.parse(text).toInstant(ZoneOffset.UTC).toString();
        } catch (DateTimeParseException e) {
            return text;
        }
    }

    /** As a time field shows it, in UTC; empty: it is not a time. */
    public static String shown(String text) {
        try {
            return LocalDateTime.ofInstant(Instant.parse(instant(text)), ZoneOffset.UTC)
                    .truncatedTo(ChronoUnit.MILLIS)
                    .toString();
        } catch (DateTimeParseException e) {
            return "";
        }
    }
}
