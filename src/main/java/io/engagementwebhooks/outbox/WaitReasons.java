package io.engagementwebhooks.outbox;

import io.engagementwebhooks.outbox.WaitingFor.Budget;
import io.engagementwebhooks.outbox.WaitingFor.Cause;
import io.engagementwebhooks.outbox.WaitingFor.Dispatch;
import io.engagementwebhooks.outbox.WaitingFor.Kind;
import io.engagementwebhooks.outbox.WaitingFor.Limiter;
import io.engagementwebhooks.outbox.WaitingFor.Paused;
import io.engagementwebhooks.outbox.WaitingFor.Queued;
import io.engagementwebhooks.outbox.WaitingFor.RateLimit;
import io.engagementwebhooks.store.outcome.Permissions;
import io.engagementwebhooks.store.query.DeliveryQueries;
import io.engagementwebhooks.store.query.DeliveryRow;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Determines what deliveries wait for, from their rows and the queues. Requests in flight on other instances are
 * unknown. Acquires the lock of the queues once and reads the store at most once, and once more for each
 * webhook with unsent deliveries. Thread-safe.
 */
record WaitReasons(DeliveryQueries deliveries, Permissions permissions, WebhookQueues queues, DueScheduler scheduler) {

    /** The most rows to read to count the deliveries before the requested ones. */
    private static final int MAX_COUNTED = 10_000;

    /** The reasons by delivery; ended deliveries are missing. */
    Map<String, WaitingFor> of(Collection<DeliveryRow> rows) {
        Instant now = queues.now();
        Map<String, WaitingFor> reasons = new HashMap<>();
        List<DeliveryRow> due = new ArrayList<>();
        for (DeliveryRow row : rows) {
            if (!row.state().ended()) {
                byRow(row, now).ifPresentOrElse(reason -> reasons.put(row.id(), reason), () -> due.add(row));
            }
        }
        if (!due.isEmpty()) {
            Map<WebhookId, Integer> unstarted = scheduler.unstarted();
            queues.locked(() -> due.forEach(row -> reasons.put(row.id(), inQueue(row, unstarted, now))));
        }
        addPositions(rows, reasons);
        addPermissions(rows, reasons, now);
        return reasons;
    }

    /** Replaces the reason of deliveries whose receiver has not permitted them. */
    private void addPermissions(Collection<DeliveryRow> rows, Map<String, WaitingFor> reasons, Instant now) {
        Map<WebhookId, Boolean> refused = new HashMap<>();
        for (DeliveryRow row : rows) {
            if (row.isUnsent()
                    && reasons.get(row.id()) instanceof WaitingFor.Retry retry
                    && refused.computeIfAbsent(row.webhook(), webhook -> isRefused(webhook, now))) {
                reasons.put(row.id(), new WaitingFor.Permission(retry.until()));
            }
        }
    }

    private boolean isRefused(WebhookId webhook, Instant now) {
        return permissions
                .of(webhook)
                .filter(known -> !known.granted() && now.toEpochMilli() < known.until())
                .isPresent();
    }

    /** @return empty: it is due and sendable according to its row */
    private Optional<WaitingFor> byRow(DeliveryRow row, Instant now) {
        return inFlight(row).or(() -> paused(row)).or(() -> scheduled(row, now));
    }

    private Optional<WaitingFor> inFlight(DeliveryRow row) {
        return scheduler.begunAt(row.webhook(), row.id()).map(WaitingFor.Response::new);
    }

    private Optional<WaitingFor> paused(DeliveryRow row) {
        return switch (row.webhookState()) {
            case PAUSED -> Optional.of(new Paused(Cause.WEBHOOK_PAUSED));
            case DISABLED -> Optional.of(new Paused(Cause.WEBHOOK_DISABLED));
            case ACTIVE ->
                queues.configured().contains(row.webhook())
                        ? Optional.empty()
                        : Optional.of(new Paused(Cause.WEBHOOK_NOT_CONFIGURED));
        };
    }

    private static Optional<WaitingFor> scheduled(DeliveryRow row, Instant now) {
        Instant due = row.dueAt();
        Instant hold = row.holdUntil();
        boolean isLater = due != null && due.isAfter(now);
        boolean isHeld = hold != null && hold.isAfter(isLater ? due : now);
        boolean isUnsent = isLater && row.isUnsent();
        if (!isUnsent && isBlocked(row, now)) {
            Instant overtakes = isHeld ? hold : due;
            return Optional.of(new WaitingFor.FifoHead(row.blockedBy(), isLater ? overtakes : null));
        }
        if (isHeld) {
            return Optional.of(new RateLimit(Limiter.RECEIVER, hold));
        }
        if (!isLater) {
            return Optional.empty();
        }
        return Optional.of(
                row.waitField() == null || isUnsent
                        ? new WaitingFor.Retry(due)
                        : new WaitingFor.Field(row.waitField(), due));
    }

    /**
     * Whether FIFO order blocks it. A delivery that may overtake the head of its key still waits while that one is due.
     */
    private static boolean isBlocked(DeliveryRow row, Instant now) {
        return row.blockedBy() != null && (!isDue(row.dueAt(), now) || isDue(row.blockedByDueAt(), now));
    }

    /** @param at null: not scheduled */
    private static boolean isDue(Instant at, Instant now) {
        return at != null && !at.isAfter(now);
    }

    /** Requires the lock. */
    private WaitingFor inQueue(DeliveryRow row, Map<WebhookId, Integer> unstarted, Instant now) {
        Optional<WaitingFor> begun = inFlight(row); // again: it may have begun before the lock was acquired
        if (begun.isPresent()) {
            return begun.get();
        }
        if (!queues.ownership().owns(row.webhook())) {
            return new Dispatch(0, true, null);
        }
        if (!queues.isOpen()) {
            return new Paused(Cause.DELIVERY_STOPPED);
        }
        int withoutThread = unstarted.getOrDefault(row.webhook(), 0);
        return queues.find(row.webhook())
                .map(queue -> inQueue(queue, row.id(), withoutThread, now))
                .orElseGet(() -> new Dispatch(0, true, 0));
    }

    private WaitingFor inQueue(WebhookQueue queue, String delivery, int unstarted, Instant now) {
        return notRecorded(queue, delivery)
                .or(() -> limited(queue, now))
                .or(() -> overBudget(queue, delivery, now))
                .orElseGet(() -> new Dispatch(0, true, Math.max(0, queue.inFlight() - unstarted)));
    }

    private static Optional<WaitingFor> notRecorded(WebhookQueue queue, String delivery) {
        return queue.reservations().isAbandoned(delivery)
                ? Optional.of(new Paused(Cause.NOT_RECORDED))
                : Optional.empty();
    }

    private static Optional<WaitingFor> limited(WebhookQueue queue, Instant now) {
        long at = queue.mayBeginAt(now);
        if (!queue.hasCapacity(now) || at <= now.toEpochMilli()) {
            return Optional.empty();
        }
        Limiter by = queue.isLimitedByReceiver(now) ? Limiter.RECEIVER : Limiter.WEBHOOK;
        return Optional.of(new RateLimit(by, Instant.ofEpochMilli(at)));
    }

    private Optional<WaitingFor> overBudget(WebhookQueue queue, String delivery, Instant now) {
        if (!queue.hasCapacity(now)) {
            return Optional.empty();
        }
        if (queue.hasReady()) {
            return scheduler.fullBudget(queue).map(Budget::new);
        }
        return queue.reservations().contains(delivery) || queues.hasMemory(queue.account())
                ? Optional.empty()
                : Optional.of(new Budget(Kind.MEMORY));
    }

    /** Adds the queue position to queued deliveries. */
    private void addPositions(Collection<DeliveryRow> rows, Map<String, WaitingFor> reasons) {
        List<DeliveryRow> queued = rows.stream()
                .filter(row -> reasons.get(row.id()) instanceof Queued)
                .toList();
        if (queued.isEmpty()) {
            return;
        }
        long webhooks = queued.stream().map(DeliveryRow::webhook).distinct().count();
        Map<String, DeliveryQueries.BacklogPosition> before =
                deliveries.backlogPositions(queued, (int) Math.max(1, MAX_COUNTED / webhooks));
        reasons.replaceAll((delivery, reason) -> {
            DeliveryQueries.BacklogPosition counted = before.get(delivery);
            return counted != null && reason instanceof Queued each
                    ? each.behind(counted.deliveries(), counted.isExact())
                    : reason;
        });
    }
}
