package io.engagementwebhooks.deliver.salesforce;

import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Used share of an org's daily API requests, as each response reports it. Thread-safe.
 *
 * @see <a href="https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_api_usage.htm">Limit Info
 *     Header</a>
 */
final class OrgUsage {

    static final String HEADER = "Sforce-Limit-Info";

    private static final Pattern API_USAGE = Pattern.compile("\\bapi-usage=(\\d{1,12})/(\\d{1,12})");

    private final Clock clock;
    private volatile Seen last;

    OrgUsage(Clock clock) {
        this.clock = clock;
    }

    /**
     * What an org said.
     *
     * @param used requests of the last 24 hours, by anybody
     * @param total how many it may use
     * @param at when it said so
     */
    record Seen(long used, long total, Instant at) {}

    /** Takes an answer's header in; null or something else changes nothing. */
    void seen(String header) {
        Matcher usage = API_USAGE.matcher(header == null ? "" : header);
        if (usage.find()) {
            last = new Seen(Long.parseLong(usage.group(1)), Long.parseLong(usage.group(2)), clock.instant());
        }
    }

    /** The last reported value; empty: none yet. */
    Optional<Seen> last() {
        return Optional.ofNullable(last);
    }
}
