package io.engagementwebhooks.api.webhook;

import java.time.Duration;
import java.time.Instant;

/** How urgently a resource needs attention. */
public enum Severity {
    /** It works, and does not end soon. */
    NONE,
    /** It ends within 30 days. */
    SOON,
    /** It does not work, or has ended. */
    NOW;

    private static final Duration IN_ADVANCE = Duration.ofDays(30);

    /** Severity of an end. */
    public static Severity atEnd(Instant end, Instant now) {
        if (!end.isAfter(now)) {
            return NOW;
        }
        return end.isBefore(now.plus(IN_ADVANCE)) ? SOON : NONE;
    }
}
