package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.credential.Backoff;
import io.engagementwebhooks.credential.BackoffSchedule;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An org's limits: how many of its daily requests are used, as its responses report, and pauses after one was reached:
 * 20 minutes for the daily one, 30 seconds doubling to 5 minutes for concurrent requests. Thread-safe.
 *
 * @see <a href="https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_api_usage.htm">Limit
 *     Info Header</a>
 */
final class OrgLimits {

    /** The header with the used requests, in lower case. */
    static final String HEADER = "sforce-limit-info";

    private static final Pattern API_USAGE = Pattern.compile("\\bapi-usage=(\\d{1,12})/(\\d{1,12})");

    private static final Duration DAILY = Duration.ofMinutes(20);
    private static final BackoffSchedule CONCURRENT =
            new BackoffSchedule(Duration.ofSeconds(30), Duration.ofMinutes(5));

    private final Clock clock;
    private final Backoff concurrent = new Backoff();
    private NothingSentException pause;
    private Usage usage;

    /**
     * A reported usage.
     *
     * @param used requests of the last 24 hours, by any client
     * @param total the org's limit
     * @param at when it was reported
     */
    record Usage(long used, long total, Instant at) {}

    OrgLimits(Clock clock) {
        this.clock = clock;
    }

    /** Reads the header of a response; ignores null and invalid values. */
    synchronized void reported(String header) {
        Matcher reported = API_USAGE.matcher(header == null ? "" : header);
        if (reported.find()) {
            usage = new Usage(Long.parseLong(reported.group(1)), Long.parseLong(reported.group(2)), clock.instant());
        }
    }

    /** The last reported usage, if any. */
    synchronized Optional<Usage> usage() {
        return Optional.ofNullable(usage);
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
