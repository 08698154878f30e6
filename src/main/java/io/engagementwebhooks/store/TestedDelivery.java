package io.engagementwebhooks.store;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventIdentity;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A test of a webhook, recorded as an ended delivery.
 *
 * @param id a ULID
 * @param webhook the tested webhook
 * @param event the event that was sent
 * @param eventKey the key of the event if it was accepted before, or null
 * @param state the state in which it ended
 * @param reason why, as the customer reads it, or null
 * @param attempt the attempt, or null: nothing was sent
 * @param at when it began
 */
public record TestedDelivery(
        String id,
        WebhookId webhook,
        Event event,
        Long eventKey,
        DeliveryState state,
        String reason,
        AttemptRow attempt,
        Instant at) {

    /** Precedes the delivery's id in the source of a test event. */
    private static final String SOURCE = "#test-";

    private static final Pattern STORED_SOURCE = Pattern.compile(".*" + SOURCE + "[0-9A-Z]{26}", Pattern.DOTALL);

    public TestedDelivery {
        Objects.requireNonNull(id);
        Objects.requireNonNull(webhook);
        Objects.requireNonNull(event);
        Objects.requireNonNull(state);
        Objects.requireNonNull(at);
    }

    /** Whether a source is that of a {@link #stored} test event. */
    public static boolean isSource(String source) {
        return STORED_SOURCE.matcher(source).matches();
    }

    /** The event as it is stored. A separate source keeps a test from taking the identity of a future event. */
    public Event stored() {
        return new Event(
                new EventIdentity(event.account(), event.source() + SOURCE + id, event.id()),
                event.type(),
                event.subject(),
                event.time(),
                event.document(),
                event.dataSha256());
    }
}
