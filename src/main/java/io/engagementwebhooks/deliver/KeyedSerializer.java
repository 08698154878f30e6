package io.engagementwebhooks.deliver;

import io.engagementwebhooks.store.RecordKey;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;

/**
 * Locks the records of a third party: one delivery per record at a time, waiting ones in the order of their events. A
 * delivery to several records runs once it holds all of them. No thread waits. Thread-safe.
 */
final class KeyedSerializer {

    private static final Comparator<LockRequest> BY_EVENT =
            Comparator.comparing(LockRequest::eventAt).thenComparing(LockRequest::delivery);
    private static final Comparator<RecordKey> IN_ORDER =
            Comparator.comparing(RecordKey::account).thenComparing(RecordKey::hash);

    /** The waiting requests for each locked record. */
    private final Map<RecordKey, Queue<LockRequest>> locked = new HashMap<>();

    /** @param missing records not locked yet, in lock order */
    private record LockRequest(Instant eventAt, String delivery, List<RecordKey> missing, Runnable onAcquired) {}

    /**
     * Locks records, or queues the delivery for them.
     *
     * @param eventAt when the delivery's event happened
     * @param onAcquired called once all are locked, on the thread that released the last; never if this returns true
     * @return whether all records were locked at once
     */
    boolean acquire(Collection<RecordKey> records, Instant eventAt, String delivery, Runnable onAcquired) {
        // one lock order prevents deadlocks
        List<RecordKey> sorted = records.stream().distinct().sorted(IN_ORDER).toList();
        return acquireMissing(new LockRequest(eventAt, delivery, sorted, onAcquired));
    }

    /** @return whether it holds all records now */
    private synchronized boolean acquireMissing(LockRequest request) {
        for (int taken = 0; taken < request.missing().size(); taken++) {
            Queue<LockRequest> waiting = locked.get(request.missing().get(taken));
            if (waiting != null) {
                List<RecordKey> rest =
                        request.missing().subList(taken + 1, request.missing().size());
                return !waiting.add(new LockRequest(request.eventAt(), request.delivery(), rest, request.onAcquired()));
            }
            locked.put(request.missing().get(taken), new PriorityQueue<>(BY_EVENT));
        }
        return true;
    }

    /** Releases locks and passes each to the next delivery in its queue. */
    void release(Collection<RecordKey> records) {
        records.stream().distinct().forEach(this::release);
    }

    private void release(RecordKey record) {
        LockRequest next;
        synchronized (this) {
            next = locked.get(record).poll();
            if (next == null) {
                locked.remove(record);
            }
        }
        if (next != null && acquireMissing(next)) {
            next.onAcquired().run();
        }
    }

    /** Number of locked records. */
    synchronized int locked() {
        return locked.size();
    }
}
