package io.engagementwebhooks.store;

import java.time.Instant;
import java.util.Objects;

/**
 * Which deliveries are listed; null fields do not narrow.
 *
 * @param account the account, never null
 * @param webhook a webhook's name
 * @param eventId a CloudEvents id
 * @param outcome outcome of the last attempt
 * @param from accepted at or after
 * @param to accepted before
 * @param before only deliveries older than this id
 * @param limit how many at most
 */
public record DeliveryQuery(
        String account,
        String webhook,
        String eventId,
        String outcome,
        Instant from,
        Instant to,
        String before,
        int limit) {

    public DeliveryQuery {
        Objects.requireNonNull(account);
    }
}
