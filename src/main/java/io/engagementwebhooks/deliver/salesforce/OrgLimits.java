package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.credential.Backoff;
import io.engagementwebhooks.credential.BackoffSchedule;
import io.engagementwebhooks.deliver.NothingSentException;
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
    private static final BackoffSchedule CONCURRENT =
            new BackoffSchedule(Duration.ofSeconds(30), Duration.ofMinutes(5));

    private final Clock clock;
    private final Backoff concurrent = new Backoff();
    private NothingSentException pause;

    OrgLimits(Clock clock) {
        this.clock = clock;
    }

    /** The current pause. */
    synchronized Optional<NothingSentException> current() {
        return Optional.ofNullable(pause).filter(pause -> pause.until().isAfter(clock.instant()));
    }

    /** Pauses after the daily limit was reached. @return the end of the pause */
    synchronized Instant daily(String reason) {
        pause = new NothingSentException(reason, clock.instant().plus(DAILY));
        return pause.until();
    }

    /** Pauses after too many concurrent requests. Further refusals during the pause do not extend it. */
    synchronized Instant concurrent(String reason) {
        if (current().isEmpty()) {
            Backoff.Pause backoff = concurrent.failed(clock.instant(), reason, CONCURRENT, Duration.ZERO);
            pause = new NothingSentException(reason, backoff.until());
        }
        return pause.until();
    }

    /** Resets the backoff after a success. */
    synchronized void succeeded() {
        concurrent.succeeded();
    }
}
