package io.engagementwebhooks.deliver.salesforce;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Pauses an org that reached one of its limits: 20 minutes for the daily one, 30 seconds doubling to 5 minutes for
 * concurrent requests. Thread-safe.
 */
final class OrgLimits {

    private static final Duration DAILY = Duration.ofMinutes(20);
    private static final Duration FIRST_CONCURRENT = Duration.ofSeconds(30);
    private static final Duration LONGEST_CONCURRENT = Duration.ofMinutes(5);

    private final Clock clock;
    private Duration concurrent = FIRST_CONCURRENT;
    private OrgUnavailable pause;

    OrgLimits(Clock clock) {
        this.clock = clock;
    }

    /** The current pause. */
    synchronized Optional<OrgUnavailable> current() {
        return Optional.ofNullable(pause).filter(pause -> pause.until().isAfter(clock.instant()));
    }

    /** Pauses after the daily limit was reached. @return the end of the pause */
    synchronized Instant daily(String reason) {
        return pause(reason, DAILY);
    }

    /** Pauses after too many concurrent requests. Further refusals during the pause do not extend it. */
    synchronized Instant concurrent(String reason) {
        if (current().isPresent()) {
            return pause.until();
        }
        Instant until = pause(reason, concurrent);
        Duration doubled = concurrent.multipliedBy(2);
        concurrent = doubled.compareTo(LONGEST_CONCURRENT) < 0 ? doubled : LONGEST_CONCURRENT;
        return until;
    }

    /** Resets the backoff after a success. */
    synchronized void succeeded() {
        concurrent = FIRST_CONCURRENT;
    }

    private Instant pause(String reason, Duration time) {
        pause = new OrgUnavailable(reason, clock.instant().plus(time), false);
        return pause.until();
    }
}
