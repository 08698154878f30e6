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

/**
 * A queue that serves accounts in turn, and the entries of each account in the order in which they were added: an account with many
 * entries gets no more turns than one with few. Not thread-safe.
 *
 * @param <T> the entries
 */
public final class RoundRobinQueue<T> {

    private final Function<T, String> account;

    /** In the order of their turns; each has one at least. */
    private final Queue<Queue<T>> turns = new ArrayDeque<>();

    private final Map<String, Queue<T>> accounts = new HashMap<>();
    private int size;

    /** @param account whose an entry is; this must not change */
    public RoundRobinQueue(Function<T, String> account) {
        this.account = account;
    }

    /** Adds an entry behind those of its account. */
    public void add(T entry) {
        Queue<T> queue = accounts.get(account.apply(entry));
        if (queue == null) {
            queue = new ArrayDeque<>();
            accounts.put(account.apply(entry), queue);
            turns.add(queue);
        }
        queue.add(entry);
        size++;
    }

    /** Removes the next in turn. @throws java.util.NoSuchElementException if there is none */
    public T remove() {
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

    /** Removes the next in turn of the accounts that may have one. @return null: there is none */
    public T poll(Predicate<String> mayHave) {
        for (int accountsLeft = turns.size(); accountsLeft > 0; accountsLeft--) {
            if (mayHave.test(account.apply(turns.element().element()))) {
                return remove();
            }
            turns.add(turns.remove());
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

    /** Removes the entries that match. @return them, in the order of turns */
    public List<T> removeIf(Predicate<T> matches) {
        List<T> removed = new ArrayList<>();
        for (Queue<T> queue : turns) {
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
        for (Iterator<Queue<T>> each = turns.iterator(); each.hasNext(); ) {
            if (each.next() == queue) {
                each.remove();
                return;
            }
        }
    }

    /** Removes all entries. */
    public void clear() {
        turns.clear();
        accounts.clear();
        size = 0;
    }

    /** Whether there is no entry. */
    public boolean isEmpty() {
        return size == 0;
    }

    /** How many entries there are. */
    public int size() {
        return size;
    }
}
