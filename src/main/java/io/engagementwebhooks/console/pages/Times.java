package io.engagementwebhooks.console.pages;

import java.time.Clock;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/** Times as they are picked and typed in forms. */
final class Times {

    /** How long ago something may have been at most, to label. */
    static final Map<String, String> WITHIN = within();

    private static final Map<String, Duration> AGO = Map.of(
            "15m",
            Duration.ofMinutes(15),
            "1h",
            Duration.ofHours(1),
            "24h",
            Duration.ofDays(1),
            "7d",
            Duration.ofDays(7));

    private Times() {}

    private static Map<String, String> within() {
        Map<String, String> within = new LinkedHashMap<>();
        within.put("15m", "15 minutes");
        within.put("1h", "an hour");
        within.put("24h", "a day");
        within.put("7d", "a week");
        return within;
    }

    /** As the API takes it: of how long ago, or of a time without a zone, which is UTC; anything else as it is. */
    static String instant(String text, Clock clock) {
        if (AGO.containsKey(text)) {
            return clock.instant()
                    .minus(AGO.get(text))
                    .truncatedTo(ChronoUnit.MILLIS)
                    .toString();
        }
        try {
            return LocalDateTime.parse(text).toInstant(ZoneOffset.UTC).toString();
        } catch (DateTimeParseException e) {
            return text;
        }
    }
}
