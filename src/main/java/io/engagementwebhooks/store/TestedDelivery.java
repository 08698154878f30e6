package io.engagementwebhooks.store;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventIdentity;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A test of a webhook, which is recorded as a delivery that has ended.
 *
 * @param id a ULID
 * @param webhook that was tested
 * @param event what it was tested with
 * @param eventKey the number of the event where it was accepted before, or null
 * @param state how it ended
 * @param reason our words for it, or null
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

    /** In front of the delivery's id in the source of a test's event. */
    private static final String SOURCE = "#test-";

    private static final Pattern STORED_SOURCE = Pattern.compile(".*" + SOURCE + "[0-9A-Z]{26}", Pattern.DOTALL);

    public TestedDelivery {
        Objects.requireNonNull(id);
        Objects.requireNonNull(webhook);
        Objects.requireNonNull(event);
        Objects.requireNonNull(state);
        Objects.requireNonNull(at);
    }

    /** Whether a source is that of an event {@link #stored} for a test. */
    public static boolean isSource(String source) {
        return STORED_SOURCE.matcher(source).matches();
    }

    /** The event as it is stored: under a separate source, so that no test takes the identity of an event that is still to come. */
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
