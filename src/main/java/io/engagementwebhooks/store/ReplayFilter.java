package io.engagementwebhooks.store;

import java.time.Instant;
import java.util.Objects;

/**
 * Which deliveries are sent again; null fields do not narrow.
 *
 * @param account the account, never null
 * @param webhook a webhook's name
 * @param eventType the event's type
 * @param outcome outcome of the last attempt
 * @param from accepted at or after
 * @param to accepted before
 */
public record ReplayFilter(String account, String webhook, String eventType, String outcome, Instant from, Instant to) {

    public ReplayFilter {
        Objects.requireNonNull(account);
    }
}
