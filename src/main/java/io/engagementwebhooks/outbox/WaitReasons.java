package io.engagementwebhooks.outbox;

import io.engagementwebhooks.outbox.WaitingFor.Budget;
import io.engagementwebhooks.outbox.WaitingFor.Cause;
import io.engagementwebhooks.outbox.WaitingFor.Kind;
import io.engagementwebhooks.outbox.WaitingFor.Limiter;
import io.engagementwebhooks.outbox.WaitingFor.Paused;
import io.engagementwebhooks.outbox.WaitingFor.RateLimit;
import io.engagementwebhooks.outbox.WaitingFor.Turn;
import io.engagementwebhooks.store.DeliveryQueries;
import io.engagementwebhooks.store.DeliveryRow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Says what deliveries wait for, when somebody asks: by their rows, and for what is due by the queues. Of what another instance
 * has in flight nothing is known here. It acquires the lock of the queues once and reads the store once at most. Thread-safe.
 */
final class WaitReasons {

    /** So many rows are walked through to count what is before the deliveries that are asked about. */
    private static final int COUNTED = 10_000;

    private final DeliveryQueries deliveries;
    private final WebhookQueues queues;
    private final DueScheduler scheduler;

    WaitReasons(DeliveryQueries deliveries, WebhookQueues queues, DueScheduler scheduler) {
        this.deliveries = deliveries;
        this.queues = queues;
        this.scheduler = scheduler;
    }

    /** By delivery; those that have ended wait for nothing. */
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
            queues.locked(() -> due.forEach(row -> reasons.put(row.id(), inQueue(row, now))));
            count(due, reasons);
        }
        return reasons;
    }

    /** @return empty: it is due, and may be sent as far as the store knows */
    private Optional<WaitingFor> byRow(DeliveryRow row, Instant now) {
        Optional<Instant> begun = scheduler.begunAt(row.webhook(), row.id());
        if (begun.isPresent()) {
            return begun.map(WaitingFor.Answer::new);
        }
        Optional<WaitingFor> paused = paused(row);
        return paused.isPresent() ? paused : notYet(row, now);
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

    private static Optional<WaitingFor> notYet(DeliveryRow row, Instant now) {
        Instant due = row.dueAt();
        Instant hold = row.holdUntil();
        boolean isLater = due != null && due.isAfter(now);
        if (row.behind() != null && (due == null || isLater)) {
            return Optional.of(new WaitingFor.Order(row.behind(), due));
        }
        if (hold != null && hold.isAfter(isLater ? due : now)) {
            return Optional.of(new RateLimit(Limiter.RECEIVER, hold));
        }
        if (!isLater) {
            return Optional.empty();
        }
        return Optional.of(
                row.waitField() == null ? new WaitingFor.Retry(due) : new WaitingFor.Field(row.waitField(), due));
    }

    /** Under the lock. */
    private WaitingFor inQueue(DeliveryRow row, Instant now) {
        if (!queues.ownership().owns(row.webhook())) {
            return new Turn(0, true, null);
        }
        if (!queues.isOpen()) {
            return new Paused(Cause.DELIVERY_STOPPED);
        }
        Optional<WebhookQueue> queue = queues.find(row.webhook());
        return queue.flatMap(each -> limited(each, now))
                .or(() -> queue.flatMap(each -> withoutBudget(each, row.id(), now)))
                .orElseGet(() ->
                        new Turn(0, true, queue.map(WebhookQueue::inFlight).orElse(0)));
    }

    private static Optional<WaitingFor> limited(WebhookQueue queue, Instant now) {
        long at = queue.mayBeginAt(now);
        if (!queue.hasPlace(now) || at <= now.toEpochMilli()) {
            return Optional.empty();
        }
        Limiter by = queue.isLimitedByReceiver(now) ? Limiter.RECEIVER : Limiter.WEBHOOK;
        return Optional.of(new RateLimit(by, Instant.ofEpochMilli(at)));
    }

    private Optional<WaitingFor> withoutBudget(WebhookQueue queue, String delivery, Instant now) {
        if (!queue.hasPlace(now)) {
            return Optional.empty();
        }
        if (queue.hasReady()) {
            return scheduler.fullBudget(queue).map(Budget::new);
        }
        return queue.reservations().contains(delivery) || queues.hasMemory(queue.account())
                ? Optional.empty()
                : Optional.of(new Budget(Kind.MEMORY));
    }

    /** Adds to what is queued how many are before it. */
    private void count(List<DeliveryRow> due, Map<String, WaitingFor> reasons) {
        List<DeliveryRow> queued = due.stream()
                .filter(row -> reasons.get(row.id()) instanceof Turn)
                .toList();
        if (queued.isEmpty()) {
            return;
        }
        int most = Math.max(1, COUNTED / queued.size());
        Map<String, Integer> before = deliveries.dueBefore(queued, most + 1);
        reasons.replaceAll((delivery, reason) -> {
            if (!(reason instanceof Turn turn)) {
                return reason;
            }
            int counted = before.getOrDefault(delivery, 0);
            return new Turn(Math.min(counted, most), counted <= most, turn.unanswered());
        });
    }
}
