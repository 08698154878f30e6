package io.engagementwebhooks.store.due;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * A pending delivery with what is needed to send it.
 *
 * @param id a ULID
 * @param webhook its webhook
 * @param event its event
 * @param laterEvent the later event that has the field it waited for, or null
 * @param attempts attempts made so far
 * @param attemptsBeforeReplay number of attempts before the last replay
 * @param startedAt when it was accepted or last replayed
 * @param pausedBefore the webhook's total paused time at {@code startedAt}
 * @param dueAt when it is due
 * @param waitsForField whether it still waits for a field of a later event
 * @param unsentSince since when its attempts have sent nothing, for lack of a token for example, or null
 * @param fifoKey deliveries of its webhook with this key are sent one after the other ({@link FifoSuccession#key}), or
 *     null
 */
public record DueDelivery(
        String id,
        WebhookId webhook,
        Event event,
        Event laterEvent,
        int attempts,
        int attemptsBeforeReplay,
        Instant startedAt,
        Duration pausedBefore,
        Instant dueAt,
        boolean waitsForField,
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

    /** The size of its events in bytes. Parsed, they take several times as much. */
    public long bytes() {
        return event.memory() + (laterEvent == null ? 0L : laterEvent.memory());
    }

    public AttemptKind kind() {
        return AttemptKind.of(attempts);
    }
}
