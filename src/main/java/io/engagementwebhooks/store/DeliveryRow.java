package io.engagementwebhooks.store;

import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;

/**
 * A delivery as the API shows it.
 *
 * @param id a ULID
 * @param webhook its webhook
 * @param event the number of its event, as in {@link EventStore.EventRow}
 * @param eventId the CloudEvents id
 * @param eventType the event's type
 * @param state where it stands
 * @param outcome of the last attempt, or null
 * @param reason our words, or null
 * @param attempts how many were made
 * @param acceptedAt when it was stored
 * @param dueAt when it is tried next, or null
 * @param endedAt when it ended, or null
 * @param replayOf the delivery it repeats, or null
 * @param behind the first of those that go before it since they have the same FIFO key, or null
 * @param behindDueAt when the first of those is due that go before it, or null: none of them is yet
 * @param waitField the field of a later event that it waits for until it is due, or null
 * @param isUnsent whether its last try sent nothing, for lack of a token for example
 * @param webhookState whether its webhook's deliveries are sent
 * @param holdUntil the webhook's receiver asked to wait until then, or null
 * @param status the HTTP status of the last response, or null
 * @param ms how long the last attempt took, or null: there was none
 * @param kind what it came of
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
        String behind,
        Instant behindDueAt,
        String waitField,
        boolean isUnsent,
        WebhookState.State webhookState,
        Instant holdUntil,
        Integer status,
        Long ms,
        Kind kind) {

    /** What a delivery came of. */
    public enum Kind {
        /** An event that a webhook asked for, or a replay. */
        EVENT,
        /** A test of a webhook. It has ended, and counts nowhere. */
        TEST,
        /** An event that a person edited, of the delivery that {@link DeliveryRow#replayOf} names. */
        EDITED
    }
}
