package io.engagementwebhooks.store;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** Stores accepted events and finds them until they expire. Thread-safe. */
public interface EventStore {

    /**
     * Stores events with their deliveries, all or none. An event with a known identity and the same data is a duplicate
     * and adds nothing. A single event for many webhooks is stored in parts. Until the last one it is incomplete: none of
     * its deliveries is due, and the same event completes it.
     *
     * @return one result per intake, in order, after the commit; fails with {@link IdentityReusedException}, which
     *     names all events whose identity is stored with other data, or with {@link IncompleteEventException}
     */
    CompletionStage<List<Accepted>> accept(List<Intake> intakes);

    /** The keys of incomplete events without a new part since a time. */
    List<Long> incompleteEvents(Instant before);

    /**
     * Removes an incomplete event, unless a part of it was stored since a time.
     *
     * @return webhooks with other deliveries that may be due now
     */
    CompletionStage<Set<WebhookId>> removeIncomplete(long event, Instant before);

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
