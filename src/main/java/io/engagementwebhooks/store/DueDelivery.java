package io.engagementwebhooks.store;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * A waiting delivery with what is needed to send it.
 *
 * @param id a ULID
 * @param webhook its webhook
 * @param event its event
 * @param later the other event that brought the field it waited for, or null
 * @param attempts attempts made so far
 * @param base attempts made before the last replay
 * @param startedAt when it was accepted or last replayed
 * @param pausedBefore the webhook's total pause then
 * @param dueAt when it is due
 * @param waits whether it still waits for a field of a later event
 * @param unsentSince since when its attempts have sent nothing, for lack of a token for example, or null
 * @param fifoKey those of its webhook with the same one wait for it ({@link FifoSuccession#key}), or null
 */
public record DueDelivery(
        String id,
        WebhookId webhook,
        Event event,
        Event later,
        int attempts,
        int base,
        Instant startedAt,
        Duration pausedBefore,
        Instant dueAt,
        boolean waits,
        Instant unsentSince,
        String fifoKey) {

    public DueDelivery {
        Objects.requireNonNull(id);
        Objects.requireNonNull(webhook);
        Objects.requireNonNull(event);
        Objects.requireNonNull(startedAt);
        Objects.requireNonNull(pausedBefore);
        Objects.requireNonNull(dueAt);
    }

    /** How large its events are; as trees they take several times as much. */
    public long bytes() {
        return event.memory() + (later == null ? 0L : later.memory());
    }

    /** Which share of its webhook's places it takes. */
    public AttemptKind share() {
        return AttemptKind.of(attempts);
    }
}
