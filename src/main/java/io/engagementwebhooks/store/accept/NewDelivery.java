package io.engagementwebhooks.store.accept;

import io.engagementwebhooks.store.due.FifoSuccession;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.Objects;

/**
 * A delivery to be stored.
 *
 * @param id a ULID
 * @param webhook the webhook that subscribed to the event
 * @param skipReason why there is nothing to send, or null: it is to be sent
 * @param acceptedAt now
 * @param dueAt when the first attempt is due
 * @param waitField the field it waits for, or null
 * @param fifoKey deliveries of its webhook with this key are sent one after the other ({@link FifoSuccession#key}), or
 *     null
 */
public record NewDelivery(
        String id,
        WebhookId webhook,
        String skipReason,
        Instant acceptedAt,
        Instant dueAt,
        String waitField,
        String fifoKey) {

    public NewDelivery {
        Objects.requireNonNull(id);
        Objects.requireNonNull(webhook);
        Objects.requireNonNull(acceptedAt);
        Objects.requireNonNull(dueAt);
    }

    /** A delivery without a FIFO key. */
    public NewDelivery(
            String id, WebhookId webhook, String skipReason, Instant acceptedAt, Instant dueAt, String waitField) {
        this(id, webhook, skipReason, acceptedAt, dueAt, waitField, null);
    }

    /** Whether it is sent in FIFO order. */
    public boolean isFifo() {
        return fifoKey != null && skipReason == null;
    }
}
