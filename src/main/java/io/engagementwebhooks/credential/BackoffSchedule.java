package io.engagementwebhooks.credential;

import java.time.Duration;

/**
 * The pauses after failures in a row: each twice the one before.
 *
 * @param first the first pause
 * @param longest the longest pause
 */
public record BackoffSchedule(Duration first, Duration longest) {

    /** After a credential was refused, which a person must fix. */
    public static final BackoffSchedule CREDENTIAL_REFUSED =
            new BackoffSchedule(Duration.ofMinutes(5), Duration.ofHours(1));

    /** After a receiver refused a renewed token too: until the next renewal. */
    public static final BackoffSchedule NEW_TOKEN_REFUSED =
            new BackoffSchedule(Duration.ofSeconds(30), Duration.ofMinutes(10));

    /** After a token request failed that may succeed later. */
    public static BackoffSchedule tokenRequestFailed(Duration first) {
        return new BackoffSchedule(first, Duration.ofMinutes(5));
    }

    Duration after(Duration last) {
        Duration doubled = last.multipliedBy(2);
        return doubled.compareTo(longest) < 0 ? doubled : longest;
    }
}
