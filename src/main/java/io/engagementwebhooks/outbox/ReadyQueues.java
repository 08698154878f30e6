package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.RoundRobinQueue;
import io.engagementwebhooks.store.due.AttemptKind;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The sub-queues with ready deliveries, round robin over accounts and kinds of attempts. Webhooks that timed out wait
 * for their part of the budget; others wait for their rate. Guarded by the lock of {@link WebhookQueues}.
 */
final class ReadyQueues {

    private final WebhookQueues queues;
    private final InFlightBudget budget;
    private final Map<AttemptKind, RoundRobinQueue<SubQueue>> rings = new EnumMap<>(AttemptKind.class);
    private final RoundRobinQueue<SubQueue> timedOut = ring();

    /** Queues that wait for their rate, in time order. */
    private final NavigableSet<WebhookQueue> limited = new TreeSet<>(
            Comparator.<WebhookQueue>comparingLong(WebhookQueue::allowedAt).thenComparingLong(WebhookQueue::number));

    private long lastPollAt;

    ReadyQueues(WebhookQueues queues, InFlightBudget budget) {
        this.queues = queues;
        this.budget = budget;
        for (AttemptKind kind : AttemptKind.values()) {
            rings.put(kind, ring());
        }
    }

    private static RoundRobinQueue<SubQueue> ring() {
        return new RoundRobinQueue<>(part -> part.queue().account());
    }

    void clear() {
        rings.values().forEach(RoundRobinQueue::clear);
        timedOut.clear();
        List.copyOf(limited).forEach(this::leaveLimited);
        queues.all().forEach(queue -> queue.subQueues().forEach(part -> part.inRing(false)));
    }

    /** Adds a queue with ready deliveries to a ring, or to those that wait for their rate. */
    void enter(WebhookQueue queue) {
        Instant now = queues.now();
        queue.subQueues().forEach(part -> enter(part, now));
    }

    private void enter(SubQueue part, Instant now) {
        if (!queues.isOpen() || part.inRing()) {
            return;
        }
        if (part.queue().canTake(part, now)) {
            part.inRing(true);
            ringOf(part).add(part);
        } else {
            enterLimited(part.queue(), part.queue().allowedAfter(now));
        }
    }

    private RoundRobinQueue<SubQueue> ringOf(SubQueue part) {
        return part.queue().state().hasTimedOut() ? timedOut : rings.get(part.kind());
    }

    private void enterLimited(WebhookQueue queue, long at) {
        if (at != DueCursor.NEVER && queue.allowedAt() == DueCursor.NEVER) {
            queue.allowedAt(at);
            limited.add(queue);
        }
    }

    /** Removes a queue from those that wait for their rate. */
    void leaveLimited(WebhookQueue queue) {
        if (queue.allowedAt() != DueCursor.NEVER) {
            limited.remove(queue);
            queue.allowedAt(DueCursor.NEVER);
        }
    }

    /** Moves a queue whose receiver responded back from the timed-out ring. */
    void leaveTimedOut(WebhookQueue queue) {
        for (SubQueue part : queue.subQueues()) {
            if (timedOut.remove(part)) {
                part.inRing(false);
            }
        }
    }

    /** The earliest start of a queue that waits for its rate, in ms since 1970, or {@link DueCursor#NEVER}. */
    long nextAllowedAt() {
        return limited.isEmpty() ? DueCursor.NEVER : limited.first().allowedAt();
    }

    /**
     * Removes the next sub-queue in round-robin order.
     *
     * @param mayBegin whether another attempt of an account may begin
     * @param begins begins the attempt of a sub-queue's first delivery; false: it must not begin
     * @return null: none may begin now
     */
    SubQueue next(Predicate<String> mayBegin, Predicate<SubQueue> begins) {
        Instant now = queues.now();
        leaveExpiredLimits(now);
        SubQueue next = budget.timedOutHaveSpace() ? next(timedOut, mayBegin, begins, now) : null;
        AttemptKind turn = budget.nextKind();
        next = next == null ? next(rings.get(turn), mayBegin, begins, now) : next;
        next = next == null ? next(rings.get(turn.other()), mayBegin, begins, now) : next;
        // some queues may have moved to the timed-out ring
        return next == null && budget.timedOutHaveSpace() ? next(timedOut, mayBegin, begins, now) : next;
    }

    private SubQueue next(
            RoundRobinQueue<SubQueue> from, Predicate<String> mayBegin, Predicate<SubQueue> begins, Instant now) {
        for (int turns = from.size(); turns > 0; turns--) {
            SubQueue part = from.poll(mayBegin);
            if (part == null) {
                return null;
            }
            part.inRing(false);
            if (ringOf(part) == from && part.queue().canTake(part, now) && begins.test(part)) {
                return part;
            }
            enter(part, now);
        }
        return null;
    }

    /** Moves queues whose rate allows a request back to the rings. */
    private void leaveExpiredLimits(Instant now) {
        boolean isSetBack = now.toEpochMilli() < lastPollAt;
        lastPollAt = now.toEpochMilli();
        if (isSetBack) {
            List<WebhookQueue> all = List.copyOf(limited);
            all.forEach(this::leaveLimited);
            all.forEach(this::enter);
        }
        while (!limited.isEmpty() && limited.first().allowedAt() <= now.toEpochMilli()) {
            WebhookQueue queue = limited.first();
            leaveLimited(queue);
            queue.subQueues().forEach(part -> enter(part, now));
        }
    }
}
