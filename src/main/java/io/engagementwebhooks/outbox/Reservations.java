package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.due.AttemptKind;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.List;

/** Reserves deliveries that are about to be stored and continue in memory, so that the reader skips their rows. Thread-safe. */
record Reservations(WebhookQueues queues, DueScheduler scheduler) {

    /**
     * Reserves a slot in memory for a delivery about to be stored. Fails if an older first attempt of its webhook is
     * due or there is no space; then the reader reads the delivery later.
     *
     * @return whether it is reserved; then {@link #addReady} or {@link #release} must follow
     */
    boolean reserve(WebhookId webhook, String delivery) {
        return queues.locked(() -> {
            WebhookQueue queue = queues.of(webhook);
            SubQueue part = queue.of(AttemptKind.FIRST_ATTEMPTS);
            Instant now = queues.now();
            boolean isGranted = queues.isOpen()
                    && queue.state().isOpen(now)
                    && !queue.isReading(part)
                    && part.cursor().due() > now.toEpochMilli()
                    && queues.hasSpace(part);
            if (isGranted) {
                queue.reservations().reserve(delivery, part);
            }
            return isGranted;
        });
    }

    /**
     * Makes a stored, reserved delivery ready; unless those before it in its group have used up the memory of the account,
     * or its webhook may not be sent to: then the reader reads it later.
     */
    void addReady(DueDelivery delivery) {
        scheduler.change(() -> {
            WebhookQueue queue = queues.of(delivery.webhook());
            boolean isReady = queues.isOpen()
                    && !queue.reservations().isOfFormerEpoch(delivery.id())
                    && queue.state().isOpen(queues.now())
                    && queues.hasReadySpace(queue.account());
            if (isReady) {
                queues.add(queue, delivery);
                scheduler.enter(queue);
            } else {
                queue.reservations().release(delivery.id());
                queues.dueInStore(queue, List.of(queue.of(delivery.kind())), delivery.dueAt(), 1);
            }
        });
    }

    /** Signals a stored delivery without a reservation. */
    void dueInStore(WebhookId webhook, Instant at) {
        queues.locked(() -> {
            WebhookQueue queue = queues.of(webhook);
            queues.dueInStore(queue, List.of(queue.of(AttemptKind.FIRST_ATTEMPTS)), at, 1);
        });
    }

    /** Releases the reservation of a delivery that was not stored. */
    void release(WebhookId webhook, String delivery) {
        queues.locked(() -> {
            WebhookQueue queue = queues.of(webhook);
            queue.reservations().release(delivery);
            queues.wakeIfDue(queue);
        });
    }
}
