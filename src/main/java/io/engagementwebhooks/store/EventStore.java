package io.engagementwebhooks.store;

import io.engagementwebhooks.event.Event;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Accepts events and finds those that were accepted, for the time that they are kept. Thread-safe. */
public interface EventStore {

    /**
     * Stores events with their deliveries, all or none; those of an event that has many are inserted later ({@link FanOuts}).
     * An identity that is there already with the same data is a duplicate and adds nothing.
     *
     * @return one answer an intake, in their order, after the commit; fails with {@link IdentityReusedException}, which names all
     *     of them, where identities are there with other data
     */
    CompletionStage<List<Accepted>> accept(List<Intake> intakes);

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

    /** An event of an account, with its data; empty: there is none, or its payload has expired. */
    Optional<Event> event(String account, long key);

    /** An event of an account, without its data. */
    Optional<EventRow> row(String account, long key);
}
