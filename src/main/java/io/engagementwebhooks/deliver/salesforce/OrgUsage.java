package io.engagementwebhooks.deliver.salesforce;

import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tracks an org's used API requests, as its responses report them. Thread-safe.
 *
 * @see <a href="https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_api_usage.htm">Limit
 *     Info Header</a>
 */
final class OrgUsage {

    static final String HEADER = "Sforce-Limit-Info";

    private static final Pattern API_USAGE = Pattern.compile("\\bapi-usage=(\\d{1,12})/(\\d{1,12})");

    private final Clock clock;
    private volatile Usage last;

    OrgUsage(Clock clock) {
        this.clock = clock;
    }

    /**
     * A reported usage.
     *
     * @param used requests of the last 24 hours, by any client
     * @param total the org's limit
     * @param at when it was reported
     */
    record Usage(long used, long total, Instant at) {}

    /** Reads the header of a response; ignores null and invalid values. */
    void record(String header) {
        Matcher usage = API_USAGE.matcher(header == null ? "" : header);
        if (usage.find()) {
            last = new Usage(Long.parseLong(usage.group(1)), Long.parseLong(usage.group(2)), clock.instant());
        }
    }

    /** The last reported usage, if any. */
    Optional<Usage> last() {
        return Optional.ofNullable(last);
    }
}
