package io.engagementwebhooks.deliver.salesforce;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Holds an org that reached one of its limits: 20 minutes for the daily one, 30 seconds doubling to 5 minutes for
 * concurrent requests. Thread-safe.
 */
final class OrgLimits {

    private static final Duration DAILY = Duration.ofMinutes(20);
    private static final Duration FIRST_CONCURRENT = Duration.ofSeconds(30);
    private static final Duration LONGEST_CONCURRENT = Duration.ofMinutes(5);

    private final Clock clock;
    private Duration concurrent = FIRST_CONCURRENT;
    private OrgUnavailable hold;

    OrgLimits(Clock clock) {
        this.clock = clock;
    }

    /** The hold, while it lasts. */
    synchronized Optional<OrgUnavailable> reached() {
        return Optional.ofNullable(hold).filter(held -> held.until().isAfter(clock.instant()));
    }

    /** The org's daily limit is reached. @return until when it is held */
    synchronized Instant daily(String reason) {
        return hold(reason, DAILY);
    }

    /** Too many requests run at once. Responses of calls in flight at the same time lengthen the hold once. */
    synchronized Instant concurrent(String reason) {
        if (reached().isPresent()) {
            return hold.until();
        }
        Instant until = hold(reason, concurrent);
        Duration doubled = concurrent.multipliedBy(2);
        concurrent = doubled.compareTo(LONGEST_CONCURRENT) < 0 ? doubled : LONGEST_CONCURRENT;
        return until;
    }

    /** A call went through. */
    synchronized void passed() {
        concurrent = FIRST_CONCURRENT;
    }

    private Instant hold(String reason, Duration time) {
        hold = new OrgUnavailable(reason, clock.instant().plus(time), false);
        return hold.until();
    }
}
