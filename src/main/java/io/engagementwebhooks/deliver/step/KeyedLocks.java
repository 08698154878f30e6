package io.engagementwebhooks.deliver.step;

import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Locks records of a third party: one delivery per record at a time, waiting ones in the order of their events. No
 * thread waits. Thread-safe.
 *
 * @param <K> the key of a record
 */
public final class KeyedLocks<K> {

    private static final Comparator<Waiting> BY_EVENT =
            Comparator.comparing(Waiting::eventAt).thenComparing(Waiting::delivery);

    private final Comparator<? super K> order;
    private final int mostWaiting;

    /** The waiting deliveries of each locked record. */
    private final Map<K, Queue<Waiting>> queues = new HashMap<>();

    private record Waiting(Instant eventAt, String delivery, CompletableFuture<Void> lock) {}

    /** A lock on records. */
    public interface Lock {
        /** Releases it; idempotent. */
        void release();
    }

    /** The queue of a record is full. */
    public static final class QueueFullException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        QueueFullException() {
            super("other calls to the same record are in flight", null, false, false);
        }
    }

    /**
     * @param order in which the records of a delivery are locked; one order prevents deadlocks
     * @param mostWaiting the most waiting deliveries per record; further ones are refused
     */
    public KeyedLocks(Comparator<? super K> order, int mostWaiting) {
        this.order = order;
        this.mostWaiting = mostWaiting;
    }

    /**
     * Locks all of these records. If it waited, it completes on the thread that released the last. Fails with
     * {@link QueueFullException}.
     *
     * @param eventAt when the delivery's event happened
     */
    public CompletableFuture<Lock> acquire(Collection<K> records, Instant eventAt, String delivery) {
        List<K> taken = new CopyOnWriteArrayList<>();
        CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
        for (K record : records.stream().distinct().sorted(order).toList()) {
            all = all.thenCompose(before -> lockOne(record, eventAt, delivery)).thenRun(() -> taken.add(record));
        }
        Lock lock = releasing(taken);
        return all.handle((done, failure) -> {
            if (failure != null) {
                lock.release();
                throw failure instanceof CompletionException known ? known : new CompletionException(failure);
            }
            return lock;
        });
    }

    private synchronized CompletableFuture<Void> lockOne(K record, Instant eventAt, String delivery) {
        Queue<Waiting> queue = queues.get(record);
        if (queue == null) {
            queues.put(record, new PriorityQueue<>(BY_EVENT));
            return CompletableFuture.completedFuture(null);
        }
        if (queue.size() >= mostWaiting) {
            return CompletableFuture.failedFuture(new QueueFullException());
        }
        Waiting waiting = new Waiting(eventAt, delivery, new CompletableFuture<>());
        queue.add(waiting);
        return waiting.lock;
    }

    private Lock releasing(List<K> records) {
        AtomicBoolean ended = new AtomicBoolean();
        return () -> {
            if (ended.compareAndSet(false, true)) {
                records.forEach(this::releaseOne);
            }
        };
    }

    private void releaseOne(K record) {
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
