package io.engagementwebhooks.outbox;

import io.engagementwebhooks.ledger.SharedBudget;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Limits the bytes of events in memory, ready or in flight, by account ({@link SharedBudget#limitOfOne}). An account
 * without events may always add one. The number of ready deliveries is limited, too; an account below its share may exceed that limit.
 * Guarded by the lock of {@link WebhookQueues}.
 */
final class EventMemory {

    private final long limit;
    private final int maxReady;
    private final Map<String, Account> accounts = new HashMap<>();
    private long bytes;
    private int ready;

    /** The events of an account in memory, and its queues that wait for space. */
    private static final class Account {
        private long bytes;
        private int ready;
        private final Set<WebhookQueue> starved = new LinkedHashSet<>();
    }

    /**
     * @param limit bytes of all accounts, exceeded by the last one added
     * @param maxReady ready deliveries of all accounts; shares of accounts may add up to twice as many
     */
    EventMemory(long limit, int maxReady) {
        this.limit = limit;
        this.maxReady = maxReady;
    }

    /** Bytes of all accounts. */
    long bytes() {
        return bytes;
    }

    boolean isFull() {
        return bytes >= limit;
    }

    /** Whether an account may add an event. */
    boolean hasSpace(String account) {
        Account usage = accounts.get(account);
        return usage == null || usage.bytes == 0 || usage.bytes < accountLimit();
    }

    /**
     * The number of deliveries that an account may read. It falls with the memory in use, since the size of the events
     * to read is unknown.
     */
    int readLimit(String account, int most) {
        Account usage = accounts.get(account);
        long space = accountLimit() - (usage == null ? 0 : usage.bytes);
        return (int) Math.max(1, Math.min(most, space * most / limit));
    }

    /** How many more deliveries of an account may be ready. */
    int readyCapacity(String account) {
        Account usage = accounts.get(account);
        int share = maxReady / Math.max(1, accounts.size()) - (usage == null ? 0 : usage.ready);
        return Math.max(0, Math.max(maxReady - ready, share));
    }

    /** The number of ready deliveries. */
    int ready() {
        return ready;
    }

    /** @param more change of the number of ready deliveries */
    void addReady(String account, int more) {
        Account usage = accounts.computeIfAbsent(account, id -> new Account());
        usage.ready += more;
        ready += more;
        removeIfEmpty(account, usage);
    }

    /** The current limit of an account. */
    private long accountLimit() {
        return SharedBudget.limitOfOne(limit, bytes + 1, accounts.size());
    }

    /** Registers a queue that waits for space. */
    void addStarved(WebhookQueue queue) {
        accounts.computeIfAbsent(queue.account(), id -> new Account()).starved.add(queue);
    }

    /** Removes the longest-waiting queue of an account, if the account has space. */
    Optional<WebhookQueue> nextStarved(String account) {
        Account usage = accounts.get(account);
        if (usage == null || usage.starved.isEmpty() || !hasSpace(account)) {
            return Optional.empty();
        }
        Iterator<WebhookQueue> queues = usage.starved.iterator();
        WebhookQueue next = queues.next();
        queues.remove();
        removeIfEmpty(account, usage);
        return Optional.of(next);
    }

    /** @param more change in bytes */
    void add(String account, long more) {
        Account usage = accounts.computeIfAbsent(account, id -> new Account());
        usage.bytes += more;
        bytes += more;
        removeIfEmpty(account, usage);
    }

    private void removeIfEmpty(String account, Account usage) {
        if (usage.bytes == 0 && usage.ready == 0 && usage.starved.isEmpty()) {
            accounts.remove(account);
        }
    }

    void clearStarved() {
        accounts.values().forEach(usage -> usage.starved.clear());
        accounts.values().removeIf(usage -> usage.bytes == 0 && usage.ready == 0);
    }
}
