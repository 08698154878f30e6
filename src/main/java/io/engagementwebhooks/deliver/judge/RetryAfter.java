package io.engagementwebhooks.deliver.judge;

import io.netty.handler.codec.DateFormatter;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;

/**
 * Parses {@code Retry-After}: seconds or an HTTP date. Past, negative and invalid values count as absent.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3">RFC 9110 section 10.2.3</a>
 */
public final class RetryAfter {

    /** Longer waits are cut to this; every delivery expires before. */
    private static final long LONGEST_SECONDS = 10L * 365 * 24 * 3600;

    /** Netty parses no longer dates. */
    private static final int LONGEST_DATE = 64;

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
        return text.length() > LONGEST_DATE
                ? Optional.empty()
                : Optional.ofNullable(DateFormatter.parseHttpDate(text)).map(Date::toInstant);
    }
}
