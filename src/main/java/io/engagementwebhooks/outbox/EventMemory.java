package io.engagementwebhooks.outbox;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Bytes of events in memory, ready or in flight, by account. While half of the limit is free an account takes what it
 * needs; above that it has its share, the limit divided by the accounts that hold some. An account that holds nothing always
 * has room for one. Deliveries that are ready are limited in number too: an account that has less than its share may have more
 * of them although others fill the limit. Guarded by the lock of {@link WebhookQueues}.
 */
final class EventMemory {

    private final long limit;
    private final int mostReady;
    private final Map<String, Account> accounts = new HashMap<>();
    private long bytes;
    private int ready;

    /** What one account holds, and its queues that wait for room. */
    private static final class Account {
        private long bytes;
        private int ready;
        private final Set<WebhookQueue> starved = new LinkedHashSet<>();
    }

    /**
     * @param limit bytes of all accounts together, about: the last one to be added may exceed it
     * @param mostReady how many deliveries of all accounts may be ready; shares of accounts may exceed it, to twice as many
     */
    EventMemory(long limit, int mostReady) {
        this.limit = limit;
        this.mostReady = mostReady;
    }

    boolean isFull() {
        return bytes >= limit;
    }

    /** Whether an account may have one more. */
    boolean hasRoom(String account) {
        Account held = accounts.get(account);
        return held == null || held.bytes == 0 || held.bytes < mayHold();
    }

    /**
     * How many of the places of a reading an account may use: all with no event in memory, fewer the more memory it holds,
     * since how large the events are that will be read is not known.
     */
    int places(String account, int most) {
        Account held = accounts.get(account);
        long room = mayHold() - (held == null ? 0 : held.bytes);
        return (int) Math.max(1, Math.min(most, room * most / limit));
    }

    /** How many more deliveries of an account may be ready: the rest of the limit, or of its share. */
    int readyPlaces(String account) {
        Account held = accounts.get(account);
        int share = mostReady / Math.max(1, accounts.size()) - (held == null ? 0 : held.ready);
        return Math.max(0, Math.max(mostReady - ready, share));
    }

    /** How many deliveries are ready. */
    int ready() {
        return ready;
    }

    /** @param more deliveries that are ready; negative: they are not any more */
    void addReady(String account, int more) {
        Account held = accounts.computeIfAbsent(account, id -> new Account());
        held.ready += more;
        ready += more;
        forgetIfEmpty(account, held);
    }

    /** What any account may hold now. */
    private long mayHold() {
        return bytes < limit / 2 ? limit : limit / Math.max(1, accounts.size());
    }

    /** A queue has nothing in memory and no room. */
    void starve(WebhookQueue queue) {
        accounts.computeIfAbsent(queue.account(), id -> new Account()).starved.add(queue);
    }

    /** The queue of an account that has waited longest, if the account has room again. */
    Optional<WebhookQueue> nextStarved(String account) {
        Account held = accounts.get(account);
        if (held == null || held.starved.isEmpty() || !hasRoom(account)) {
            return Optional.empty();
        }
        Iterator<WebhookQueue> queues = held.starved.iterator();
        WebhookQueue next = queues.next();
        queues.remove();
        forgetIfEmpty(account, held);
        return Optional.of(next);
    }

    /** @param more bytes; negative: they are free again */
    void add(String account, long more) {
        Account held = accounts.computeIfAbsent(account, id -> new Account());
        held.bytes += more;
        bytes += more;
        forgetIfEmpty(account, held);
    }

    private void forgetIfEmpty(String account, Account held) {
        if (held.bytes == 0 && held.ready == 0 && held.starved.isEmpty()) {
            accounts.remove(account);
        }
    }

    void clearStarved() {
        accounts.values().forEach(held -> held.starved.clear());
        accounts.values().removeIf(held -> held.bytes == 0 && held.ready == 0);
    }
}
