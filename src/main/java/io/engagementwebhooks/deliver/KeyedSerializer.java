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
 * Serializes deliveries to the same records of a third party, in the order of their events. A delivery to several
 * records runs once it holds all of them. No thread waits. Thread-safe.
 */
final class KeyedSerializer {

    private static final Comparator<Waiting> BY_EVENT =
            Comparator.comparing(Waiting::eventAt).thenComparing(Waiting::delivery);
    private static final Comparator<RecordKey> IN_ORDER =
            Comparator.comparing(RecordKey::account).thenComparing(RecordKey::hash);

    /** The waiting tasks of each locked record. */
    private final Map<RecordKey, Queue<Waiting>> busy = new HashMap<>();

    /** @param missing the records it has not locked yet, in the common order of locks */
    private record Waiting(Instant eventAt, String delivery, List<RecordKey> missing, Runnable go) {}

    /**
     * Takes the turn at records, or waits for it.
     *
     * @param eventAt when the delivery's event happened
     * @param go called when it is the delivery's turn, by who ends his; never if this answers true
     * @return whether it is its turn at once
     */
    boolean take(Collection<RecordKey> records, Instant eventAt, String delivery, Runnable go) {
        // always in the same order, so that two deliveries never wait for each other
        List<RecordKey> sorted = records.stream().distinct().sorted(IN_ORDER).toList();
        return goOn(new Waiting(eventAt, delivery, sorted, go));
    }

    /** @return whether it has all that it missed */
    private synchronized boolean goOn(Waiting one) {
        for (int taken = 0; taken < one.missing().size(); taken++) {
            Queue<Waiting> waiting = busy.get(one.missing().get(taken));
            if (waiting != null) {
                List<RecordKey> rest =
                        one.missing().subList(taken + 1, one.missing().size());
                return !waiting.add(new Waiting(one.eventAt(), one.delivery(), rest, one.go()));
            }
            busy.put(one.missing().get(taken), new PriorityQueue<>(BY_EVENT));
        }
        return true;
    }

    /** Ends a turn; at each record the next one has it. */
    void end(Collection<RecordKey> records) {
        records.stream().distinct().forEach(this::end);
    }

    private void end(RecordKey record) {
        Waiting next;
        synchronized (this) {
            next = busy.get(record).poll();
            if (next == null) {
                busy.remove(record);
            }
        }
        if (next != null && goOn(next)) {
            next.go().run();
        }
    }

    /** Number of locked records. */
    synchronized int busy() {
        return busy.size();
    }
}
