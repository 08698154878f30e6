package io.engagementwebhooks.store;

import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.function.Function;
import java.util.function.Predicate;

/** A queue that serves accounts by round robin, and the entries of each account in insertion order. Not thread-safe. */
public final class RoundRobinQueue<T> {

    private final Function<T, String> account;

    /** The non-empty queues by account, in round-robin order. */
    private final Map<String, Queue<T>> accounts = new LinkedHashMap<>();

    private int size;

    /** @param account the account of an entry; must be stable */
    public RoundRobinQueue(Function<T, String> account) {
        this.account = account;
    }

    /** Adds an entry at the end of its account's queue. */
    public void add(T entry) {
        accounts.computeIfAbsent(account.apply(entry), first -> new ArrayDeque<>())
                .add(entry);
        size++;
    }

    /** Removes the next entry. @throws java.util.NoSuchElementException if the queue is empty */
    public T remove() {
        String next = accounts.keySet().iterator().next();
        Queue<T> queue = accounts.remove(next);
        T entry = queue.remove();
        size--;
        if (!queue.isEmpty()) {
            accounts.put(next, queue);
        }
        return entry;
    }

    /** Removes the next entry of an account that passes a test. @return null: there is none */
    public T poll(Predicate<String> isEligible) {
        for (int accountsLeft = accounts.size(); accountsLeft > 0; accountsLeft--) {
            String next = accounts.keySet().iterator().next();
            if (isEligible.test(next)) {
                return remove();
            }
            accounts.put(next, accounts.remove(next));
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
        }
        return true;
    }

    /** Whether there is an entry of an account. */
    public boolean has(String id) {
        return accounts.containsKey(id);
    }

    public void clear() {
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
