package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.AttemptKind;
import io.engagementwebhooks.store.DueDelivery;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reserves deliveries so that the reader skips their rows. These are deliveries about to be stored, which continue in
 * memory, and pending ones about to be closed in the store. Thread-safe.
 */
record Reservations(WebhookQueues queues, DueScheduler scheduler) {

    private static final Duration MAX_READ_WAIT = Duration.ofSeconds(1);

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

    /** Makes a stored, reserved delivery ready. */
    void addReady(DueDelivery delivery) {
        scheduler.change(() -> {
            WebhookQueue queue = queues.of(delivery.webhook());
            boolean isCurrent = !queue.reservations().isOfFormerEpoch(delivery.id());
            if (queues.isOpen() && isCurrent && queue.state().isOpen(queues.now())) {
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

    /**
     * Reserves a pending delivery so that it can be closed in the store.
     *
     * @return false: it is in flight, about to be stored, reserved, or may be in the current read
     */
    boolean reservePending(WebhookId webhook, String delivery) {
        return queues.locked(() -> {
            WebhookQueue queue = queues.of(webhook);
            return !queue.isReading() && !reserveFree(queue, List.of(delivery)).isEmpty();
        });
    }

    /**
     * Reserves several like {@link #reservePending(WebhookId, String)}, but waits up to a second for the end of a read.
     *
     * @return the reserved ones; the others are in flight or reserved already. Empty: a read is still running
     */
    Optional<List<String>> reservePending(WebhookId webhook, List<String> deliveries) {
        return queues.locked(() -> {
            try {
                return queues.awaitReadingEnded(webhook, MAX_READ_WAIT.toNanos())
                        ? Optional.of(reserveFree(queues.of(webhook), deliveries))
                        : Optional.empty();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Optional.empty();
            }
        });
    }

    private List<String> reserveFree(WebhookQueue queue, List<String> deliveries) {
        List<String> free = new ArrayList<>();
        queues.removeReady(queue, Set.copyOf(deliveries)).forEach(ready -> free.add(ready.id()));
        for (String delivery : deliveries) {
            if (!queue.reservations().contains(delivery)) {
                queue.reservations().reserve(delivery, queue.of(AttemptKind.FIRST_ATTEMPTS));
                free.add(delivery);
            }
        }
        return free;
    }

    /** Releases reserved pending deliveries. Pending ones are polled again: the reader may have skipped them. */
    void releasePending(WebhookId webhook, Collection<String> deliveries) {
        queues.locked(() -> {
            WebhookQueue queue = queues.of(webhook);
            deliveries.forEach(queue.reservations()::release);
            queues.pollFromStart(queue);
        });
    }
}
