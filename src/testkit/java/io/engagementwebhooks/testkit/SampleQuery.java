package io.engagementwebhooks.testkit;

import io.engagementwebhooks.store.query.DeliveryQuery;
import java.time.Instant;

/** Queries for deliveries without filters on event type, position and text. */
public final class SampleQuery {

    private SampleQuery() {}

    /** The deliveries to replay. */
    public static DeliveryQuery replay(
            String account, String webhook, String eventType, String outcome, Instant from, Instant to) {
        return new DeliveryQuery(
                account, webhook, null, eventType, null, outcome, from, to, null, false, null, null, 0);
    }

    /** As {@link DeliveryQuery} has it. */
    public static DeliveryQuery of(
            String account,
            String webhook,
            String eventId,
            String outcome,
            Instant from,
            Instant to,
            String before,
            int limit) {
        return new DeliveryQuery(
                account, webhook, eventId, null, null, outcome, from, to, null, null, null, before, limit);
    }
}
