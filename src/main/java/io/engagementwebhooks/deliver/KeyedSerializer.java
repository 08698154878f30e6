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
 * Gives deliveries to one record of a third party a turn each, those that wait in the order of their events. A delivery to
 * several records has its turn when it has all of them. No thread waits. Thread-safe.
 */
final class KeyedSerializer {

    private static final Comparator<Waiting> BY_EVENT =
            Comparator.comparing(Waiting::eventAt).thenComparing(Waiting::delivery);
    private static final Comparator<RecordKey> IN_ORDER =
            Comparator.comparing(RecordKey::account).thenComparing(RecordKey::hash);

    /** Who waits for each record that somebody has his turn at. */
    private final Map<RecordKey, Queue<Waiting>> busy = new HashMap<>();

    /** @param missing what it has no turn at yet, in the order in which everybody takes them */
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

    /** How many records somebody has his turn at. */
    synchronized int busy() {
        return busy.size();
    }
}
