package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.due.DueSearch;
import io.engagementwebhooks.store.due.DueStore;
import io.engagementwebhooks.store.due.DueStore.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads due rows into the queues of their webhooks, on one thread, as far as there is space. Thread-safe. */
final class DueReader {

    private static final Logger LOG = LoggerFactory.getLogger(DueReader.class);
    private static final int MAX_ROWS = 64;

    private static final int MAX_COUNT = 10_000;
    private static final Duration STORE_RETRY = Duration.ofSeconds(1);

    private final DueStore store;
    private final WebhookQueues queues;
    private final DueScheduler scheduler;
    private Thread thread;

    /**
     * A read to run.
     *
     * @param storeBacklog approximate number of due rows of the queue in the store
     * @param isOnlyKind whether no row of the other kind is due
     */
    private record PendingRead(SubQueue subQueue, DueSearch search, long storeBacklog, boolean isOnlyKind) {

        WebhookQueue queue() {
            return subQueue.queue();
        }
    }

    DueReader(DueStore store, WebhookQueues queues, DueScheduler scheduler) {
        this.store = store;
        this.queues = queues;
        this.scheduler = scheduler;
    }

    /** Requires the lock. */
    void start() {
        thread = new Thread(this::read, "outbox-reader");
        thread.start();
    }

    /** Stops the reader and drops its current read. Requires the lock. @return the thread, or null */
    Thread stop() {
        Thread ending = thread;
        thread = null;
        return ending;
    }

    static void join(Thread ending) {
        ending.interrupt();
        try {
            ending.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void read() {
        boolean isRunning = true;
        while (isRunning) {
            try {
                PendingRead next = next();
                isRunning = next != null;
                if (isRunning) {
                    run(next);
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                // continue after any failure: without the reader no delivery would be sent
                if (e instanceof StoreException) {
                    LOG.warn("due.read-failed retry-s={}: {}", STORE_RETRY.toSeconds(), e.getMessage());
                } else {
                    LOG.error("due.read-failed retry-s={}", STORE_RETRY.toSeconds(), e);
                }
                isRunning = pause();
            }
        }
    }

    private boolean isReader() {
        return Thread.currentThread() == thread;
    }

    /** @return false if the reader was stopped */
    private boolean pause() {
        return queues.locked(() -> {
            try {
                long nanos = STORE_RETRY.toNanos();
                while (isReader() && nanos > 0) {
                    nanos = queues.awaitReadable(nanos);
                }
                return isReader();
            } catch (InterruptedException e) {
                return false;
            }
        });
    }

    /** @return null: the reader was stopped */
    private PendingRead next() throws InterruptedException {
        queues.lock();
        try {
            while (isReader()) {
                WebhookQueue queue = queues.nextToRead();
                if (queue == null) {
                    queues.awaitReadable();
                    continue;
                }
                PendingRead next = prepareRead(queue, queues.now());
                if (next != null) {
                    return next;
                }
                // it may have been woken in place of another queue that waits for the account's memory
                queues.wakeStarved(queue.account());
            }
            return null;
        } finally {
            queues.unlock();
        }
    }

    /** @return null: there is nothing to read now; a queue without space or on hold is woken when that ends */
    private PendingRead prepareRead(WebhookQueue queue, Instant now) {
        if (queue.state().isOnHold(now)) {
            queues.wakeIfDue(queue);
            return null;
        }
        queues.wake(queue, queue.dueAfter(now));
        if (!queue.state().isOpen(now)) {
            return null;
        }
        for (SubQueue part : queue.toRead(now)) {
            int limit = Math.min(MAX_ROWS, queues.readLimit(part, MAX_ROWS));
            if (limit > 0) {
                return prepareRead(part, now, limit);
            }
        }
        return null;
    }

    private PendingRead prepareRead(SubQueue part, Instant now, int limit) {
        WebhookQueue queue = part.queue();
        boolean isOnlyKind = part.other().cursor().due() > now.toEpochMilli();
        queue.startReading(part);
        DueSearch search = new DueSearch(
                queue.webhook(),
                part.kind(),
                part.cursor().startRead(),
                now,
                limit,
                Set.copyOf(queue.reservations().deliveries()));
        return new PendingRead(part, search, queue.storeBacklog(), isOnlyKind);
    }

    private void run(PendingRead reading) {
        DueSearch search = reading.search();
        try {
            List<DueDelivery> found = store.due(search);
            boolean isComplete = found.size() < search.limit();
            countBacklog(reading, found.size(), isComplete && reading.isOnlyKind());
            Instant next = isComplete
                    ? store.nextDue(search.webhook(), search.kind(), search.at())
                            .orElse(null)
                    : search.at();
            scheduler.change(() -> completed(reading, found, next));
        } catch (RuntimeException e) {
            queues.locked(() -> {
                if (endRead(reading)) {
                    queues.pollFromStart(reading.queue());
                }
            });
            throw e;
        }
    }

    /** Corrects the number of due rows: rows that become due by time are not signaled. */
    private void countBacklog(PendingRead reading, int read, boolean isAll) {
        DueSearch search = reading.search();
        boolean isToBeCounted = !isAll && reading.storeBacklog() <= read;
        long counted = isToBeCounted
                ? store.dueCount(search.webhook(), search.at(), MAX_COUNT)
                        - search.without().size()
                : reading.storeBacklog();
        long left = isAll ? 0 : Math.max(0, counted - read);
        queues.locked(() ->
                queues.storeBacklog(reading.queue(), left + reading.queue().backlogGrowth()));
    }

    /** @param next time of the next read of the kind; null: none */
    private void completed(PendingRead reading, List<DueDelivery> found, Instant next) {
        if (!endRead(reading)) {
            return;
        }
        WebhookQueue queue = reading.queue();
        if (queue.isReadEpochCurrent()) {
            boolean isComplete = add(queue, found);
            advance(reading, found, next);
            scheduler.returnUnlessOpen(queue);
            scheduler.enter(queue);
            queues.wakeIfDue(queue);
            if (!isComplete) {
                queues.pollFromStartSoon(queue);
            }
        } else {
            queues.pollFromStart(queue);
        }
        if (!queue.state().isOwned()) {
            queues.storeBacklog(queue, 0);
        }
    }

    /** @return false: some were released during the read, and may have changed */
    private boolean add(WebhookQueue queue, List<DueDelivery> found) {
        boolean isComplete = true;
        for (DueDelivery delivery : found) {
            if (queue.reservations().isUnchanged(delivery.id())) {
                queues.add(queue, delivery);
            } else {
                isComplete = false;
            }
        }
        return isComplete;
    }

    private static void advance(PendingRead reading, List<DueDelivery> found, Instant next) {
        DueSearch search = reading.search();
        Waiting last = Waiting.lastDueAt(search.at());
        if (found.size() == search.limit()) {
            DueDelivery delivery = found.get(found.size() - 1);
            last = new Waiting(delivery.id(), delivery.dueAt());
        }
        reading.subQueue().cursor().readUpTo(last, next == null ? DueCursor.NEVER : next.toEpochMilli());
    }

    /** @return false: the reader was stopped */
    private boolean endRead(PendingRead reading) {
        if (!isReader()) {
            return false;
        }
        queues.readingEnded(reading.queue());
        return true;
    }
}
