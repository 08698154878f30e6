package io.engagementwebhooks.outbox;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Queue;
import java.util.function.Function;

/**
 * Tracks that wait for a worker, or lanes that wait for the reader: accounts take turns, and the webhooks of an account among
 * themselves, so that an account with many webhooks gets no more turns than one with few. Guarded by the lock of
 * {@link DueDeliveries}.
 */
final class TurnRing<T> {

    private final Function<T, String> account;

    /** In the order of their turns; each has one at least. */
    private final Queue<Queue<T>> turns = new ArrayDeque<>();

    private final Map<String, Queue<T>> accounts = new HashMap<>();
    private int size;

    /** @param account whose an entry is; this must not change */
    TurnRing(Function<T, String> account) {
        this.account = account;
    }

    void add(T entry) {
        Queue<T> queue = accounts.get(account.apply(entry));
        if (queue == null) {
            queue = new ArrayDeque<>();
            accounts.put(account.apply(entry), queue);
            turns.add(queue);
        }
        queue.add(entry);
        size++;
    }

    /** The next in turn. @throws java.util.NoSuchElementException if there is none */
    T remove() {
        Queue<T> queue = turns.remove();
        T next = queue.remove();
        size--;
        if (queue.isEmpty()) {
            accounts.remove(account.apply(next));
        } else {
            turns.add(queue);
        }
        return next;
    }

    boolean remove(T entry) {
        Queue<T> queue = accounts.get(account.apply(entry));
        if (queue == null || !queue.remove(entry)) {
            return false;
        }
        size--;
        if (queue.isEmpty()) {
            accounts.remove(account.apply(entry));
            removeSame(queue);
        }
        return true;
    }

    /** By identity: empty queues are not told apart by what they hold. */
    private void removeSame(Queue<T> queue) {
        for (Iterator<Queue<T>> each = turns.iterator(); each.hasNext(); ) {
            if (each.next() == queue) {
                each.remove();
                return;
            }
        }
    }

    void clear() {
        turns.clear();
        accounts.clear();
        size = 0;
    }

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }
}
