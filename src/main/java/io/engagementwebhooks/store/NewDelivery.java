package io.engagementwebhooks.store;

import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.Objects;

/**
 * A delivery to be stored.
 *
 * @param id a ULID
 * @param webhook the webhook that asked for the event
 * @param skipped why there is nothing to send, or null: it waits to be sent
 * @param acceptedAt now
 * @param dueAt when it is sent first
 * @param waitField the field it waits for, or null
 * @param fifoKey those of its webhook with the same one go one after the other ({@link FifoSuccession#key}), or null
 */
public record NewDelivery(
        String id,
        WebhookId webhook,
        String skipped,
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

    /** One that goes without regard to the order of others. */
    public NewDelivery(
            String id, WebhookId webhook, String skipped, Instant acceptedAt, Instant dueAt, String waitField) {
        this(id, webhook, skipped, acceptedAt, dueAt, waitField, null);
    }

    /** Whether it goes after others of its FIFO key that were accepted before. */
    public boolean isInOrder() {
        return fifoKey != null && skipped == null;
    }
}
