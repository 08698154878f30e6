package io.engagementwebhooks.deliver.salesforce;

import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Serializes calls that refer to the same parent record, in the order of their events. No thread waits. Thread-safe.
 */
final class ParentLocks {

    /** The most waiting calls per record; further ones wait in the outbox. */
    private static final int MOST_WAITING = 16;

    private static final Comparator<Waiting> BY_EVENT =
            Comparator.comparing(Waiting::at).thenComparing(Waiting::number);

    /** The waiting calls of each locked record. */
    private final Map<String, Queue<Waiting>> queues = new HashMap<>();

    private long number;

    private record Waiting(Instant at, long number, CompletableFuture<Void> lock) {}

    /** A lock on records. */
    interface ParentLock {
        /** Releases it; idempotent. */
        void release();
    }

    /** The queue of a record is full. */
    static final class QueueFullException extends RuntimeException {
        QueueFullException() {
            super("other calls to the same Salesforce record are in flight", null, false, false);
        }
    }

    /**
     * Locks all of these records. Fails with {@link QueueFullException}.
     *
     * @param at when the event happened
     */
    CompletableFuture<ParentLock> acquire(Collection<String> records, Instant at) {
        List<String> taken = new CopyOnWriteArrayList<>();
        CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
        // one lock order prevents deadlocks
        for (String record : new TreeSet<>(records)) {
            all = all.thenCompose(before -> lockOne(record, at)).thenRun(() -> taken.add(record));
        }
        ParentLock lock = releasing(taken);
        return all.handle((done, failure) -> {
            if (failure != null) {
                lock.release();
                throw failure instanceof CompletionException known ? known : new CompletionException(failure);
            }
            return lock;
        });
    }

    private synchronized CompletableFuture<Void> lockOne(String record, Instant at) {
        Queue<Waiting> queue = queues.get(record);
        if (queue == null) {
            queues.put(record, new PriorityQueue<>(BY_EVENT));
            return CompletableFuture.completedFuture(null);
        }
        if (queue.size() >= MOST_WAITING) {
            return CompletableFuture.failedFuture(new QueueFullException());
        }
        Waiting waiting = new Waiting(at, number++, new CompletableFuture<>());
        queue.add(waiting);
        return waiting.lock;
    }

    private ParentLock releasing(List<String> records) {
        AtomicBoolean ended = new AtomicBoolean();
        return () -> {
            if (ended.compareAndSet(false, true)) {
                records.forEach(this::releaseOne);
            }
        };
    }

    private void releaseOne(String record) {
        Waiting next;
        synchronized (this) {
            next = queues.get(record).poll();
            if (next == null) {
                queues.remove(record);
            }
        }
        if (next != null) {
            next.lock.complete(null);
        }
    }

    /** Number of locked records. */
    synchronized int size() {
        return queues.size();
    }
}
