package io.engagementwebhooks.deliver;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;
import org.apache.hc.client5.http.utils.DateUtils;

/**
 * Parses {@code Retry-After}: seconds or an HTTP date. Past, negative and invalid values count as absent.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3">RFC 9110 section 10.2.3</a>
 */
public final class RetryAfter {

    /** Longer waits are cut to this; every delivery expires before. */
    private static final long LONGEST_SECONDS = 10L * 365 * 24 * 3600;

    /** The third date format of RFC 9110 section 5.6.7. HttpClient cannot parse it, since it has no zone. */
    private static final DateTimeFormatter ASCTIME = DateTimeFormatter.ofPattern(
                    "EEE MMM ppd HH:mm:ss yyyy", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private RetryAfter() {}

    /** The earliest retry, or empty. */
    public static Optional<Instant> of(String value, Instant now) {
        if (value == null) {
            return Optional.empty();
        }
        String text = value.strip();
        Optional<Instant> instant = text.matches("\\d+") ? Optional.of(now.plusSeconds(seconds(text))) : date(text);
        return instant.filter(i -> i.isAfter(now));
    }

    private static long seconds(String digits) {
        return digits.length() > 10 ? LONGEST_SECONDS : Math.min(Long.parseLong(digits), LONGEST_SECONDS);
    }

    private static Optional<Instant> date(String text) {
        return Optional.ofNullable(DateUtils.parseStandardDate(text)).or(() -> asctime(text));
    }

    private static Optional<Instant> asctime(String text) {
        try {
            return Optional.of(ASCTIME.parse(text, Instant::from));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
