package io.engagementwebhooks.store.query;

import io.engagementwebhooks.store.accept.EventStore;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;

/**
 * A delivery as the API returns it.
 *
 * @param id a ULID
 * @param webhook its webhook
 * @param event the key of its event, as in {@link EventStore.EventRow}
 * @param eventId the CloudEvents id
 * @param eventType the event's type
 * @param state its stored state
 * @param outcome outcome of the last attempt, or null
 * @param reason why, as the customer reads it, or null
 * @param attempts the number of attempts made
 * @param acceptedAt when it was stored
 * @param dueAt when the next attempt is due, or null
 * @param endedAt when it ended, or null
 * @param replayOf the delivery it replays, or null
 * @param blockedBy id of the pending delivery at the head of its FIFO key, or null: it is at the head
 * @param blockedByDueAt when that one is due, or null: not scheduled yet
 * @param waitField the field of a later event that it waits for, until it is due, or null
 * @param isUnsent whether its last attempt sent nothing, for lack of a token for example
 * @param webhookState state of its webhook
 * @param holdUntil until when the receiver asked for a pause, or null
 * @param status the HTTP status of the last response, or null
 * @param ms duration of the last attempt in milliseconds, or null: there was none
 * @param kind its origin
 */
public record DeliveryRow(
        String id,
        WebhookId webhook,
        long event,
        String eventId,
        String eventType,
        DeliveryState state,
        String outcome,
        String reason,
        int attempts,
        Instant acceptedAt,
        Instant dueAt,
        Instant endedAt,
        String replayOf,
        String blockedBy,
        Instant blockedByDueAt,
        String waitField,
        boolean isUnsent,
        WebhookState.State webhookState,
        Instant holdUntil,
        Integer status,
        Long ms,
        Kind kind) {

    /** The origin of a delivery. */
    public enum Kind {
        /** An event that a webhook subscribed to, or a replay. */
        EVENT,
        /** A test of a webhook. It has ended and is in no statistics. */
        TEST,
        /** An edited event, resent for the delivery that {@link DeliveryRow#replayOf} names. */
        EDITED
    }
}
