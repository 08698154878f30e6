package io.engagementwebhooks.store.outcome;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.store.query.AttemptRow;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.Objects;

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

    public TestedDelivery {
        Objects.requireNonNull(id);
        Objects.requireNonNull(webhook);
        Objects.requireNonNull(event);
        Objects.requireNonNull(state);
        Objects.requireNonNull(at);
    }
}
