package io.engagementwebhooks.store.accept;

import io.engagementwebhooks.event.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Stores accepted events and finds them until they expire. Thread-safe. */
public interface EventStore {

    /**
     * Stores events with their deliveries, all or none. An event with a known identity and the same data is a duplicate
     * and adds nothing. A single event for many webhooks is stored in parts: the last one makes it and its deliveries
     * visible.
     *
     * @return one result per intake, in order, after the commit; fails with {@link IdentityReusedException}, which
     *     names all events whose identity is stored with other data
     */
    CompletionStage<List<Accepted>> accept(List<Intake> intakes);

    /**
     * Removes what is stored of incomplete events; only one of several instances does. Completes when it is done, also if
     * it fails.
     *
     * @param unchanged for how long no part of an event was stored
     */
    CompletionStage<Void> removeIncomplete(Duration unchanged);

    /**
     * An event without its data.
     *
     * @param key its key, ascending in the order of acceptance
     * @param id the CloudEvents id
     * @param source the CloudEvents source
     * @param type the event type
     * @param subject the CloudEvents subject, or null
     * @param time the CloudEvents time, or null
     * @param acceptedAt when it was stored
     * @param deliveries the number of its deliveries
     * @param hasPayload whether its data is still stored
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
     * Events of an account, newest first.
     *
     * @param id only those of this CloudEvents id, or null
     * @param before only those with a smaller key
     */
    List<EventRow> events(String account, String id, long before, int limit);

    /** An event with its data; empty: it does not exist, or its payload has expired. */
    Optional<Event> event(String account, long key);

    /** An event without its data. */
    Optional<EventRow> row(String account, long key);
}
