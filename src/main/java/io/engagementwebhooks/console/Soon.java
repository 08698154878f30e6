package io.engagementwebhooks.console;

import java.time.Duration;
import java.time.Instant;

/** Which ends somebody has to see to: those within 30 days, and those that are past. */
final class Soon {

    private static final Duration SOON = Duration.ofDays(30);

    private Soon() {}

    static boolean is(Instant end, Instant now) {
        return end.isBefore(now.plus(SOON));
    }
}
