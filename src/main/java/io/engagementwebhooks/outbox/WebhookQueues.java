package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.cluster.Ownership;
import io.engagementwebhooks.store.due.AttemptKind;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The queues of all webhooks, their memory, and the schedule of reads. The rows in the store are authoritative: memory
 * holds a part of them, and a crash loses none.
 *
 * <p>One lock guards everything. It is acquired for a group of changes at a time, and never held while waiting for the
 * store.
 */
final class WebhookQueues {

    private static final int MAX_READY = 4096;

    /** The limit of retries, which leaves space for first attempts. */
    private static final int MAX_READY_RETRIES = MAX_READY / 2;

    private static final long POLL_DELAY_MS = 100;

    /** The longest sleep of the reader, since the clock may be set. */
    private static final long MAX_SLEEP_MS = 1_000;

    private final Ownership ownership;
    private final Clock clock;
    private final int maxInFlight;
    private final ReentrantLock lock;
    private final Condition readable;
    private final EventMemory memory;
    private final ReadSchedule schedule = new ReadSchedule();

    /** Read without the lock, changed under it. */
    private final Map<WebhookId, WebhookQueue> queues = new ConcurrentHashMap<>();

    private volatile Map<WebhookId, RequestLimit> configured = Map.of();
    private long created;
    private int retriesInMemory;
    private long storeBacklog;
    private volatile boolean open;

    /**
     * @param maxInFlight the most requests in flight to a webhook
     * @param maxEventBytes limit of events in memory; see {@link EventMemory}
     * @param lock guards everything
     */
    WebhookQueues(Ownership ownership, Clock clock, int maxInFlight, long maxEventBytes, ReentrantLock lock) {
        this.ownership = ownership;
        this.clock = clock;
        this.maxInFlight = maxInFlight;
        this.memory = new EventMemory(maxEventBytes, MAX_READY);
        this.lock = lock;
        this.readable = lock.newCondition();
    }

    void lock() {
        lock.lock();
    }

    void unlock() {
        lock.unlock();
    }

    <T> T locked(Supplier<T> action) {
        lock.lock();
        try {
            return action.get();
        } finally {
            lock.unlock();
        }
    }

    void locked(Runnable action) {
        lock.lock();
        try {
            action.run();
        } finally {
            lock.unlock();
        }
    }

    /** Whether the running action is not nested in another one. */
    boolean isOutermost() {
        return lock.getHoldCount() == 1;
    }

    Ownership ownership() {
        return ownership;
    }

    Instant now() {
        return clock.instant();
    }

    /** Whether deliveries are dispatched. Needs no lock. */
    boolean isOpen() {
        return open;
    }

    void open() {
        open = true;
    }

    /** Ends reading; the caller returns ready deliveries. */
    void close() {
        open = false;
        schedule.clear();
        memory.clearStarved();
        readable.signalAll();
    }

    // --- the queues

    WebhookQueue of(WebhookId webhook) {
        WebhookQueue known = queues.get(webhook);
        if (known != null) {
            return known;
        }
        WebhookQueue queue = new WebhookQueue(webhook, created++, maxInFlight);
        queue.configure(configured.get(webhook));
        queue.state().owned(ownership.owns(webhook));
        queues.put(webhook, queue);
        return queue;
    }

    /** Needs no lock. */
    Optional<WebhookQueue> find(WebhookId webhook) {
        return Optional.ofNullable(queues.get(webhook));
    }

    Collection<WebhookQueue> all() {
        return queues.values();
    }

    /** The configured webhooks. Needs no lock. */
    Set<WebhookId> configured() {
        return configured.keySet();
    }

    void configure(Map<WebhookId, RequestLimit> webhooks) {
        configured = Map.copyOf(webhooks);
        all().forEach(queue -> queue.configure(configured.get(queue.webhook())));
    }

    /** Removes the queues that hold no state. */
    void evict() {
        all().removeIf(queue -> !queue.isReading() && queue.isDisposable());
    }

    private boolean isEvicted(WebhookQueue queue) {
        return queues.get(queue.webhook()) != queue;
    }

    // --- what is in memory

    /** Bytes of the events in memory. */
    long eventBytes() {
        return locked(memory::bytes);
    }

    /** Adds a ready delivery to a queue. */
    void add(WebhookQueue queue, DueDelivery delivery) {
        queue.add(delivery);
        addMemory(delivery, 1);
    }

    /** A delivery goes from ready to in flight; its event stays in memory. */
    void dispatched(DueDelivery delivery) {
        addReady(delivery, -1);
    }

    /** A delivery is no longer in flight. @param bytes of its event */
    void ended(WebhookQueue queue, long bytes) {
        addMemory(queue.account(), -bytes);
    }

    private void addMemory(DueDelivery delivery, int more) {
        addReady(delivery, more);
        addMemory(delivery.webhook().account(), more * delivery.bytes());
    }

    private void addReady(DueDelivery delivery, int more) {
        memory.addReady(delivery.webhook().account(), more);
        retriesInMemory += delivery.kind() == AttemptKind.RETRIES ? more : 0;
    }

    private void addMemory(String account, long bytes) {
        memory.add(account, bytes);
        if (bytes < 0) {
            wakeStarved(account);
        }
    }

    /** Schedules the read of a queue that waited for memory, if its account has some. */
    void wakeStarved(String account) {
        Optional<WebhookQueue> next = memory.nextStarved(account);
        while (next.isPresent() && isEvicted(next.get())) {
            next = memory.nextStarved(account);
        }
        next.ifPresent(queue -> wake(queue, clock.millis()));
    }

    /** Whether an account may have another event in memory. */
    boolean hasMemory(String account) {
        return memory.hasSpace(account);
    }

    /** Whether another delivery of an account may be ready. */
    boolean hasReadySpace(String account) {
        return memory.readyCapacity(account) > 0 && memory.hasSpace(account);
    }

    /** Whether there is space for a new delivery. */
    boolean hasSpace(SubQueue part) {
        return part.queue().space(part) > 0
                && hasReadySpace(part.queue().account())
                && (!memory.isFull() || part.notInFlight() == 0);
    }

    /**
     * The number of deliveries that may be read. An account without memory waits until some of its events are gone. A
     * part with nothing in memory gets at least one slot, so that it does not wait forever. Where one account's large
     * events fill memory, each other account has one ready at a time.
     */
    int readLimit(SubQueue part, int most) {
        String account = part.queue().account();
        if (!memory.hasSpace(account)) {
            memory.addStarved(part.queue());
            return 0;
        }
        int spaceInQueue = part.queue().space(part);
        if (memory.isFull()) {
            return Math.min(spaceInQueue, part.notInFlight() == 0 ? 1 : 0);
        }
        int free = Math.min(memory.readLimit(account, most), memory.readyCapacity(account));
        int ofKind = part.kind() == AttemptKind.RETRIES ? MAX_READY_RETRIES - retriesInMemory : free;
        return Math.min(spaceInQueue, Math.max(part.reserved() == 0 ? 1 : 0, Math.min(free, ofKind)));
    }

    // --- what is due in the store

    /** The approximate number of due deliveries that are not in flight. */
    long due() {
        return memory.ready() + storeBacklog;
    }

    /** Sets the approximate number of due rows of a queue that are only in the store. */
    void storeBacklog(WebhookQueue queue, long count) {
        storeBacklog += queue.storeBacklog(count);
    }

    /** Removes ready deliveries of a queue, which stay due in the store. */
    void returnToStore(WebhookQueue queue) {
        Collection<DueDelivery> removed = queue.removeReady();
        removed.forEach(delivery -> addMemory(delivery, -1));
        storeBacklog(queue, queue.storeBacklog() + removed.size());
        removed.forEach(delivery ->
                dueInStore(queue.of(delivery.kind()), delivery.dueAt().toEpochMilli()));
    }

    /** Signals due deliveries in the store. */
    void dueInStore(WebhookQueue queue, Collection<SubQueue> parts, Instant at, int many) {
        if (!queue.state().isOwned()) {
            return; // the store notifies its owner
        }
        if (at.toEpochMilli() <= clock.millis()) {
            storeBacklog(queue, queue.storeBacklog() + many);
        }
        parts.forEach(part -> dueInStore(part, at.toEpochMilli()));
    }

    void dueInStore(WebhookQueue queue, long at) {
        queue.subQueues().forEach(part -> dueInStore(part, at));
    }

    void dueInStore(SubQueue part, long at) {
        if (part.cursor().due(at)) {
            wake(part.queue(), at);
        }
    }

    /** Signals that rows with an unknown due time may be due. */
    void pollFromStart(WebhookQueue queue) {
        long now = clock.millis();
        queue.subQueues().forEach(part -> part.cursor().pollFromStart(now));
        wakeIfDue(queue);
    }

    /** Like {@link #pollFromStart}, but delayed, to avoid a busy loop. */
    void pollFromStartSoon(WebhookQueue queue) {
        pollFromStart(queue);
        schedule.remove(queue);
        wake(queue, clock.millis() + POLL_DELAY_MS);
    }

    void wakeIfDue(WebhookQueue queue) {
        wake(queue, queue.dueInStore());
    }

    void wakeIfRunningLow(WebhookQueue queue) {
        if (queue.isRunningLow()) {
            wakeIfDue(queue);
        }
    }

    /** Schedules a read of a queue, not before the end of its hold. */
    void wake(WebhookQueue queue, long at) {
        if (at == DueCursor.NEVER || !open) {
            return;
        }
        Instant hold = queue.state().stored().holdUntil();
        if (schedule.add(queue, hold == null ? at : Math.max(at, ceiling(hold)))) {
            readable.signal();
        }
    }

    private static long ceiling(Instant instant) {
        return instant.plusNanos(999_999).toEpochMilli();
    }

    // --- for the reader

    /** @return null: no queue is due */
    WebhookQueue nextToRead() {
        return schedule.poll(clock.millis());
    }

    void awaitReadable() throws InterruptedException {
        long next = schedule.nextAt();
        if (next == DueCursor.NEVER) {
            readable.await();
        } else {
            readable.await(Math.min(next - clock.millis(), MAX_SLEEP_MS), TimeUnit.MILLISECONDS);
        }
    }

    /** @return the remaining time; 0 or less: elapsed */
    long awaitReadable(long nanos) throws InterruptedException {
        return readable.awaitNanos(nanos);
    }

    void readingEnded(WebhookQueue queue) {
        queue.endReading();
        wakeStarved(queue.account());
    }
}
