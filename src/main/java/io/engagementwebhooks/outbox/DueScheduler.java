package io.engagementwebhooks.outbox;

import io.engagementwebhooks.ledger.Background;
import io.engagementwebhooks.store.cluster.Ownership;
import io.engagementwebhooks.store.due.AttemptKind;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.due.WaitingWebhook;
import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.webhook.RateLimit;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Selects the next delivery, round robin over webhooks, so that a slow receiver delays only itself. Accounts share the
 * in-flight budget; first attempts and retries alternate. Thread-safe.
 */
final class DueScheduler {

    private static final int QUEUES_PER_ACQUISITION = 1_000;

    private final WebhookQueues queues;
    private final InFlightBudget budget;
    private final Background timer = new Background("outbox-timer");
    private final Dispatcher dispatcher;
    private final ReadyQueues rings;

    /** May be read without the lock. */
    private final Map<String, InFlight> inFlight = new ConcurrentHashMap<>();

    private final SlidingWindowCounter recentlyBegun = new SlidingWindowCounter();

    /** A delivery in flight. @param begunAt when it was dispatched @param epoch of its webhook then */
    private record InFlight(SubQueue part, long bytes, Instant begunAt, long epoch) {

        private static final long CANCELED = -1;

        InFlight canceled() {
            return new InFlight(part, bytes, begunAt, CANCELED);
        }

        WebhookQueue queue() {
            return part.queue();
        }
    }

    /**
     * The due deliveries compared with the sending rate.
     *
     * @param due approximate number of due deliveries
     * @param sendable the number of them that could be sent now; 0 while {@code due} does not exceed the given minimum
     * @param perSecond attempts that began in the last second, without unsent ones
     */
    record Backlog(long due, long sendable, long perSecond) {}

    /** @param threads runs the tasks of an account */
    DueScheduler(WebhookQueues queues, InFlightBudget budget, BiConsumer<String, Runnable> threads) {
        this.queues = queues;
        this.budget = budget;
        this.dispatcher = new Dispatcher(threads, () -> change(() -> {}), timer::after);
        this.rings = new ReadyQueues(queues, budget);
    }

    /** Changes queues under the lock, then dispatches deliveries: once for nested changes. */
    void change(Runnable change) {
        change(() -> {
            change.run();
            return null;
        });
    }

    <T> T change(Supplier<T> change) {
        return queues.locked(() -> {
            T result = change.get();
            if (queues.isOutermost()) {
                dispatch();
            }
            return result;
        });
    }

    /**
     * Starts the dispatch of due deliveries.
     *
     * @param states the stored states of webhooks
     * @param waiting webhooks with pending deliveries
     * @param attempts begins attempts, or null: dispatches nothing
     */
    void open(List<WebhookState> states, List<WaitingWebhook> waiting, Consumer<DueDelivery> attempts) {
        change(() -> {
            if (queues.isOpen()) {
                return;
            }
            queues.open();
            dispatcher.open(attempts);
            states.forEach(state -> queues.of(state.webhook()).restore(state));
            queues.all().forEach(queue -> queue.state().owned(queues.ownership().owns(queue.webhook())));
            waiting.forEach(each ->
                    queues.dueInStore(queues.of(each.webhook()), each.firstDue().toEpochMilli()));
            queues.all().forEach(queues::wakeIfDue);
            queues.all().forEach(this::enter);
        });
    }

    /** Stops the dispatch; deliveries that have not begun stay due in the store. */
    void close() {
        queues.locked(() -> {
            dispatcher.stop().forEach(this::fenced);
            queues.close();
            rings.clear();
            queues.all().forEach(queue -> {
                queue.endReading();
                queues.returnToStore(queue);
            });
        });
    }

    void closeTimer() {
        timer.close();
    }

    /** Sets the configured webhooks; deliveries of others stay pending. */
    void configure(Map<WebhookId, RequestLimit> webhooks) {
        change(() -> {
            queues.configure(webhooks);
            queues.all().forEach(queue -> {
                rings.leaveLimited(queue);
                returnUnlessOpen(queue);
                enter(queue);
                queues.wakeIfDue(queue);
            });
            queues.evict();
        });
    }

    /** Removes the deliveries of a queue that have not begun; they stay due in the store. */
    void returnToStore(WebhookQueue queue) {
        recall(queue);
        queues.returnToStore(queue);
    }

    void returnUnlessOpen(WebhookQueue queue) {
        if (!queue.state().isOpen(queues.now())) {
            returnToStore(queue);
        }
    }

    /** Recalls dispatched deliveries that no thread has begun. */
    private void recall(WebhookQueue queue) {
        dispatcher.recall(queue.webhook()).forEach(this::fenced);
    }

    /** Adds a queue with ready deliveries to the rotation. */
    void enter(WebhookQueue queue) {
        rings.enter(queue);
    }

    private void dispatch() {
        if (!queues.isOpen()) {
            return;
        }
        for (DueDelivery next = next(dispatcher::hasSpace); next != null; next = next(dispatcher::hasSpace)) {
            dispatcher.dispatch(next);
        }
        dispatcher.refillAt(rings.nextAllowedAt(), queues.now().toEpochMilli());
    }

    /**
     * Takes the next delivery in round-robin order.
     *
     * @param hasSpace whether an account may have another delivery dispatched
     * @return null: none may begin now
     */
    DueDelivery next(Predicate<String> hasSpace) {
        SubQueue next = rings.next(account -> budget.hasSpace(account) && hasSpace.test(account), this::begin);
        return next == null ? null : take(next);
    }

    /** @return false: another process may own the webhook now; the row is read again */
    private boolean begin(SubQueue part) {
        WebhookQueue queue = part.queue();
        if (queues.ownership().owns(queue.webhook())) {
            return true;
        }
        queues.returnToStore(queue);
        queues.pollFromStartSoon(queue);
        return false;
    }

    private DueDelivery take(SubQueue part) {
        WebhookQueue queue = part.queue();
        Instant now = queues.now();
        DueDelivery next = budget.update(queue, () -> queue.take(part, now));
        budget.begin(part);
        inFlight.put(
                next.id(), new InFlight(part, next.bytes(), now, queue.state().epoch()));
        recentlyBegun.add(now.toEpochMilli());
        queues.dispatched(next);
        enter(queue);
        queues.wakeIfRunningLow(queue);
        return next;
    }

    /** See {@link Outbox#requestBegins}. */
    void requestBegins(String delivery, boolean isFirst) {
        queues.locked(() -> {
            InFlight attempt = inFlight.get(delivery);
            if (attempt != null) {
                long takenAt = isFirst ? attempt.begunAt().toEpochMilli() : DueCursor.NEVER;
                attempt.queue().begun(takenAt, queues.now().toEpochMilli());
            }
        });
    }

    // --- how attempts end

    /**
     * An attempt has ended and is recorded.
     *
     * @return whether it was begun with a credential that was repaired since, and is to be released
     */
    boolean completed(AttemptResult result) {
        return change(() -> {
            Instant now = queues.now();
            InFlight attempt = removeInFlight(result.delivery());
            if (attempt == null) {
                return false;
            }
            WebhookQueue queue = attempt.queue();
            if (!result.isExpired()) {
                queue.ended(result.isUnsent());
            }
            if (result.isUnsent() || result.isExpired()) {
                recentlyBegun.remove(attempt.begunAt().toEpochMilli());
            }
            boolean wasBeforeRepair = queue.reservations().wasSentBeforeRepair(result.delivery());
            complete(queue, attempt.part(), result, hasResponse(result) && !wasBeforeRepair, now);
            returnUnlessOpen(queue);
            if (result.dueAt() != null) {
                SubQueue part = result.attempt() == null ? attempt.part() : queue.of(AttemptKind.RETRIES);
                queues.dueInStore(part, result.dueAt().toEpochMilli());
            }
            enter(queue);
            queues.wakeIfRunningLow(queue);
            return wasBeforeRepair && result.dueAt() != null;
        });
    }

    /** @param isCurrent whether the receiver responded to a request with the current credential */
    private void complete(WebhookQueue queue, SubQueue part, AttemptResult result, boolean isCurrent, Instant now) {
        Integer status = result.attempt() == null ? null : result.attempt().status();
        long ms = result.attempt() == null ? 0 : result.attempt().ms();
        WebhookQueue.Ending end = new WebhookQueue.Ending(result.slowDown(), isCurrent, status, ms);
        boolean hadTimedOut = queue.state().hasTimedOut();
        budget.update(queue, () -> {
            queue.completed(result.delivery(), part, end, now);
            return null;
        });
        if (hadTimedOut && !queue.state().hasTimedOut()) {
            rings.leaveTimedOut(queue);
        }
        if (isCurrent
                && result.state() == DeliveryState.DELIVERED
                && result.health() != AttemptResult.Health.TEST
                && queue.state().isOpen(now)) {
            queue.state().succeeded();
        }
        if (result.disableReason() != null) {
            queue.state().disable(result.disableReason(), now);
        }
        if (result.holdWebhookUntil() != null) {
            queue.state().setHold(result.holdWebhookUntil());
        }
    }

    private static boolean hasResponse(AttemptResult result) {
        return result.attempt() != null
                && (result.attempt().status() != null || result.state() == DeliveryState.DELIVERED);
    }

    /** Removes a delivery in flight. */
    private InFlight removeInFlight(String delivery) {
        InFlight attempt = inFlight.get(delivery);
        if (attempt != null) {
            inFlight.remove(delivery);
            budget.end(attempt.queue());
            queues.ended(attempt.queue(), attempt.bytes());
        }
        return attempt;
    }

    /** An attempt has ended without a record: its delivery is due again after the next start. */
    void abandoned(String delivery) {
        change(() -> {
            InFlight attempt = removeInFlight(delivery);
            if (attempt != null) {
                WebhookQueue queue = attempt.queue();
                budget.update(queue, () -> {
                    queue.abandoned(delivery, attempt.part());
                    return null;
                });
                enter(queue);
                queues.wakeIfDue(queue);
            }
        });
    }

    /**
     * Drops a dispatched delivery that did not begin, or whose outcome was not recorded.
     *
     * @return its webhook, or null
     */
    WebhookId fenced(String delivery) {
        return change(() -> {
            InFlight attempt = removeInFlight(delivery);
            if (attempt != null) {
                WebhookQueue queue = attempt.queue();
                budget.update(queue, () -> {
                    attempt.part().ended();
                    return null;
                });
                queue.reservations().release(delivery);
                queues.pollFromStart(queue);
                enter(queue);
            }
            return attempt == null ? null : attempt.queue().webhook();
        });
    }

    /** Deliveries were canceled: those in flight may not send any more, if they have not yet. */
    void canceled(WebhookQueue queue, List<String> deliveries) {
        queue.reservations().canceled(deliveries);
        deliveries.forEach(delivery -> inFlight.computeIfPresent(delivery, (id, attempt) -> attempt.canceled()));
    }

    // --- what changes for a webhook

    /** A manual retry: ends the receiver's hold, with one probe at first. */
    void retryNow(WebhookId webhook) {
        change(() -> {
            WebhookQueue queue = queues.of(webhook);
            queue.state().endHold();
            queues.pollFromStart(queue);
        });
    }

    /** A webhook's credential was repaired: one delivery probes it before the rest. */
    void credentialRepaired(WebhookId webhook) {
        change(() -> {
            WebhookQueue queue = queues.of(webhook);
            recall(queue);
            queue.credentialRepaired();
        });
    }

    /** A receiver permits a rate. If it is another one, attempts that have begun send nothing, and are due again. */
    void permit(WebhookId webhook, RateLimit rate) {
        change(() -> {
            WebhookQueue queue = queues.of(webhook);
            if (queue.permit(rate)) {
                returnToStore(queue);
                queue.endEpoch();
                queues.pollFromStart(queue);
            }
        });
    }

    /** Signals deliveries of a webhook that are due at a time. */
    void due(WebhookId webhook, Instant at, int many) {
        change(() -> {
            WebhookQueue queue = queues.of(webhook);
            queues.dueInStore(queue, queue.subQueues(), at, many);
        });
    }

    // --- what is asked

    /** Requests in flight. Needs no lock. */
    long inFlight() {
        return budget.inFlight();
    }

    /** Whether a delivery is in flight. Needs no lock. */
    boolean isInFlight(WebhookId webhook, String delivery) {
        return begunAt(webhook, delivery).isPresent();
    }

    /** See {@link Outbox#maySend}. */
    boolean maySend(String delivery) {
        InFlight attempt = inFlight.get(delivery);
        return attempt != null
                && attempt.epoch() == attempt.queue().state().epoch()
                && queues.ownership().owns(attempt.queue().webhook());
    }

    /** The partitions of the webhooks with deliveries in flight. Needs no lock. */
    BitSet partitionsInFlight() {
        BitSet partitions = new BitSet();
        inFlight.values()
                .forEach(attempt ->
                        partitions.set(Ownership.partition(attempt.queue().webhook())));
        return partitions;
    }

    /** When the attempt in flight of a delivery began; empty: it is not in flight. Needs no lock. */
    Optional<Instant> begunAt(WebhookId webhook, String delivery) {
        InFlight attempt = inFlight.get(delivery);
        return attempt != null && attempt.queue().webhook().equals(webhook)
                ? Optional.of(attempt.begunAt())
                : Optional.empty();
    }

    /** The deliveries of webhooks that are in flight. Needs no lock. */
    Set<String> inFlight(Collection<WebhookId> webhooks) {
        Set<WebhookId> requested = Set.copyOf(webhooks);
        return inFlight.entrySet().stream()
                .filter(attempt -> requested.contains(attempt.getValue().queue().webhook()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /** The number of dispatched deliveries that wait for a thread, by webhook. Must not be called under the lock. */
    Map<WebhookId, Integer> unstarted() {
        return dispatcher.unstarted();
    }

    /** The used-up budget that keeps a queue from sending. Reveals nothing about other accounts. Requires the lock. */
    Optional<WaitingFor.Kind> fullBudget(WebhookQueue queue) {
        String account = queue.account();
        boolean isTimedOut = queue.state().hasTimedOut();
        if (budget.isUsedUpBy(account)) {
            return Optional.of(WaitingFor.Kind.ACCOUNT);
        }
        if (isTimedOut && budget.isTimedOutUsedUpBy(account)) {
            return Optional.of(WaitingFor.Kind.TIMED_OUT_WEBHOOKS);
        }
        return budget.isFull(account) || isTimedOut && !budget.timedOutHaveSpace()
                ? Optional.of(WaitingFor.Kind.REQUESTS_IN_FLIGHT)
                : Optional.empty();
    }

    /** The state of a webhook. Needs no lock. */
    WebhookState state(WebhookId webhook) {
        return queues.find(webhook).map(queue -> queue.state().stored()).orElseGet(() -> WebhookState.active(webhook));
    }

    /** The webhook's total paused time. Needs no lock. */
    Duration pausedTotal(WebhookId webhook) {
        return queues.find(webhook)
                .map(queue -> queue.state().pausedTotal(queues.now()))
                .orElse(Duration.ZERO);
    }

    /**
     * Compares due deliveries with the sending rate.
     *
     * @param min the largest number of due deliveries of which it does not matter how many are sendable
     */
    Backlog backlog(long min) {
        Instant now = queues.now();
        Map<WebhookId, Integer> unstarted = dispatcher.unstarted();
        Backlog known = queues.locked(() -> new Backlog(
                queues.due()
                        + unstarted.values().stream().mapToInt(count -> count).sum(),
                0,
                recentlyBegun.sum(now.toEpochMilli())));
        long sendable = 0;
        Iterator<WebhookQueue> remaining = queues.all().iterator();
        while (known.due() > min && queues.isOpen() && remaining.hasNext()) {
            sendable += queues.locked(() -> sendableOfNext(remaining, unstarted, now));
        }
        return new Backlog(known.due(), sendable, known.perSecond());
    }

    private long sendableOfNext(Iterator<WebhookQueue> remaining, Map<WebhookId, Integer> unstarted, Instant now) {
        long sendable = 0;
        for (int i = 0; i < QUEUES_PER_ACQUISITION && remaining.hasNext(); i++) {
            WebhookQueue queue = remaining.next();
            sendable += sendable(queue, unstarted.getOrDefault(queue.webhook(), 0), now);
        }
        return sendable;
    }

    /** Deliveries beyond the budget are not sendable: they wait for receivers. */
    private long sendable(WebhookQueue queue, int unstarted, Instant now) {
        return budget.isFull(queue.account()) ? unstarted : queue.sendable(unstarted, now);
    }

    /**
     * The earliest due time among webhooks that may send, approximately. Acquires the lock for some queues at a time,
     * so that it does not block deliveries.
     */
    Optional<Instant> oldestDue() {
        Iterator<WebhookId> remaining = queues.configured().iterator();
        long oldest = DueCursor.NEVER;
        while (remaining.hasNext()) {
            oldest = Math.min(oldest, queues.locked(() -> oldestDueOfNext(remaining)));
        }
        return oldest > queues.now().toEpochMilli() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(oldest));
    }

    private long oldestDueOfNext(Iterator<WebhookId> remaining) {
        Instant now = queues.now();
        long oldest = DueCursor.NEVER;
        for (int i = 0; i < QUEUES_PER_ACQUISITION && remaining.hasNext(); i++) {
            oldest = Math.min(
                    oldest,
                    queues.find(remaining.next())
                            .filter(queue -> queue.state().isOpen(now))
                            .map(WebhookQueue::oldestDue)
                            .orElse(DueCursor.NEVER));
        }
        return oldest;
    }
}
