package io.engagementwebhooks.outbox;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Limits the bytes of events in memory, ready or in flight, by account. While half of the limit is free, an account
 * takes what it needs; above that its share is the limit divided by the accounts in memory. An account without events
 * may always add one. The number of ready deliveries is limited, too; an account below its share may exceed that limit.
 * Guarded by the lock of {@link WebhookQueues}.
 */
final class EventMemory {

    private final long limit;
    private final int mostReady;
    private final Map<String, Account> accounts = new HashMap<>();
    private long bytes;
    private int ready;

    /** The events of an account in memory, and its queues that wait for room. */
    private static final class Account {
        private long bytes;
        private int ready;
        private final Set<WebhookQueue> starved = new LinkedHashSet<>();
    }

    /**
     * @param limit bytes of all accounts, exceeded by the last one added
     * @param mostReady ready deliveries of all accounts; shares of accounts may add up to twice as many
     */
    EventMemory(long limit, int mostReady) {
        this.limit = limit;
        this.mostReady = mostReady;
    }

    boolean isFull() {
        return bytes >= limit;
    }

    /** Whether an account may add an event. */
    boolean hasRoom(String account) {
        Account held = accounts.get(account);
        return held == null || held.bytes == 0 || held.bytes < mayHold();
    }

    /**
     * The number of deliveries that an account may read. It falls with the memory in use, since the size of the events
     * to read is unknown.
     */
    int places(String account, int most) {
        Account held = accounts.get(account);
        long room = mayHold() - (held == null ? 0 : held.bytes);
        return (int) Math.max(1, Math.min(most, room * most / limit));
    }

    /** How many more deliveries of an account may be ready. */
    int readyPlaces(String account) {
        Account held = accounts.get(account);
        int share = mostReady / Math.max(1, accounts.size()) - (held == null ? 0 : held.ready);
        return Math.max(0, Math.max(mostReady - ready, share));
    }

    /** The number of ready deliveries. */
    int ready() {
        return ready;
    }

    /** @param more change of the number of ready deliveries */
    void addReady(String account, int more) {
        Account held = accounts.computeIfAbsent(account, id -> new Account());
        held.ready += more;
        ready += more;
        forgetIfEmpty(account, held);
    }

    /** The current limit of an account. */
    private long mayHold() {
        return bytes < limit / 2 ? limit : limit / Math.max(1, accounts.size());
    }

    /** Registers a queue that waits for room. */
    void starve(WebhookQueue queue) {
        accounts.computeIfAbsent(queue.account(), id -> new Account()).starved.add(queue);
    }

    /** Removes the longest-waiting queue of an account, if the account has room. */
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

    /** @param more change in bytes */
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
