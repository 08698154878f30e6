package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.RoundRobinQueue;
import java.util.Comparator;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * The queues to be read, each once. Due ones are served by round robin over accounts, so that an account with a backlog
 * delays no other; the rest is in time order. Guarded by the lock of {@link WebhookQueues}.
 */
final class ReadSchedule {

    /** The time of a due queue. */
    private static final long NOW = Long.MIN_VALUE;

    private final NavigableSet<WebhookQueue> later = new TreeSet<>(
            Comparator.<WebhookQueue>comparingLong(WebhookQueue::wakeAt).thenComparingLong(WebhookQueue::number));

    private final RoundRobinQueue<WebhookQueue> due = new RoundRobinQueue<>(queue -> queue.account());

    /** Adds a queue to be read at a time. @return false: it is scheduled for then or earlier */
    boolean add(WebhookQueue queue, long at) {
        if (at >= queue.wakeAt()) {
            return false;
        }
        remove(queue);
        queue.wakeAt(at);
        later.add(queue);
        return true;
    }

    void remove(WebhookQueue queue) {
        if (queue.wakeAt() == NOW) {
            due.remove(queue);
        } else if (queue.wakeAt() != DueCursor.NEVER) {
            later.remove(queue);
        }
        queue.wakeAt(DueCursor.NEVER);
    }

    /** Removes the next due queue. @return null: none is due */
    WebhookQueue poll(long now) {
        while (!later.isEmpty() && later.first().wakeAt() <= now) {
            WebhookQueue queue = later.pollFirst();
            queue.wakeAt(NOW);
            due.add(queue);
        }
        if (due.isEmpty()) {
            return null;
        }
        WebhookQueue next = due.remove();
        next.wakeAt(DueCursor.NEVER);
        return next;
    }

    /** Time of the next read, or {@link DueCursor#NEVER}. */
    long nextAt() {
        if (!due.isEmpty()) {
            return NOW;
        }
        return later.isEmpty() ? DueCursor.NEVER : later.first().wakeAt();
    }

    void clear() {
        WebhookQueue next = poll(DueCursor.NEVER);
        while (next != null) {
            next = poll(DueCursor.NEVER);
        }
    }
}
