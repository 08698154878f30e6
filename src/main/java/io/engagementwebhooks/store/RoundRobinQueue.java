package io.engagementwebhooks.store;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.Function;
import java.util.function.Predicate;

/** A queue that serves accounts by round robin, and the entries of each account in insertion order. Not thread-safe. */
public final class RoundRobinQueue<T> {

    private final Function<T, String> account;

    /** The non-empty queues, in round-robin order. */
    private final Queue<Queue<T>> rotation = new ArrayDeque<>();

    private final Map<String, Queue<T>> accounts = new HashMap<>();
    private int size;

    /** @param account the account of an entry; must be stable */
    public RoundRobinQueue(Function<T, String> account) {
        this.account = account;
    }

    /** Adds an entry at the end of its account's queue. */
    public void add(T entry) {
        Queue<T> queue = accounts.get(account.apply(entry));
        if (queue == null) {
            queue = new ArrayDeque<>();
            accounts.put(account.apply(entry), queue);
            rotation.add(queue);
        }
        queue.add(entry);
        size++;
    }

    /** Removes the next entry. @throws java.util.NoSuchElementException if the queue is empty */
    public T remove() {
        Queue<T> queue = rotation.remove();
        T next = queue.remove();
        size--;
        if (queue.isEmpty()) {
            accounts.remove(account.apply(next));
        } else {
            rotation.add(queue);
        }
        return next;
    }

    /** Removes the next entry of an account that passes a test. @return null: there is none */
    public T poll(Predicate<String> isEligible) {
        for (int accountsLeft = rotation.size(); accountsLeft > 0; accountsLeft--) {
            if (isEligible.test(account.apply(rotation.element().element()))) {
                return remove();
            }
            rotation.add(rotation.remove());
        }
        return null;
    }

    /** Removes an entry. @return false: it is not in the queue */
    public boolean remove(T entry) {
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

    /** Removes the entries that match. @return them, in round-robin order */
    public List<T> removeIf(Predicate<T> matches) {
        List<T> removed = new ArrayList<>();
        for (Queue<T> queue : rotation) {
            for (T entry : queue) {
                if (matches.test(entry)) {
                    removed.add(entry);
                }
            }
        }
        removed.forEach(this::remove);
        return removed;
    }

    /** By identity: empty queues have equal content. */
    private void removeSame(Queue<T> queue) {
        for (Iterator<Queue<T>> each = rotation.iterator(); each.hasNext(); ) {
            if (each.next() == queue) {
                each.remove();
                return;
            }
        }
    }

    /** Whether there is an entry of an account. */
    public boolean has(String id) {
        return accounts.containsKey(id);
    }

    public void clear() {
        rotation.clear();
        accounts.clear();
        size = 0;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    public int size() {
        return size;
    }
}
