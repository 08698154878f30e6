package io.engagementwebhooks.store;

import io.engagementwebhooks.event.Event;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The events that were accepted, as far as they are kept. Thread-safe. */
public interface EventLog {

    /**
     * An event without its data.
     *
     * @param key its number, in the order of acceptance
     * @param id the CloudEvents id
     * @param source where it came from
     * @param type what happened
     * @param subject what it is about, or null
     * @param time when it happened, or null
     * @param acceptedAt when it was stored
     * @param deliveries how many it made
     * @param hasPayload whether its data is kept still
     */
    record EventRow(
            long key,
            String id,
            String source,
            String type,
            String subject,
            Instant time,
            Instant acceptedAt,
            int deliveries,
            boolean hasPayload) {}

    /**
     * Events of an account, the newest first.
     *
     * @param id only those of this CloudEvents id, or null
     * @param before only those with a smaller number
     */
    List<EventRow> events(String account, String id, long before, int limit);

    /** One of an account, with its data; empty: there is none, or its payload is gone. */
    Optional<Event> event(String account, long key);

    /** One of an account, without its data. */
    Optional<EventRow> row(String account, long key);
}
