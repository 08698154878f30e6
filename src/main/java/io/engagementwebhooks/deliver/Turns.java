package io.engagementwebhooks.deliver;

import io.engagementwebhooks.store.RecordKey;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;

/**
 * Gives deliveries to one record of a third party a turn each, those that wait in the order of their events. No thread
 * waits. Thread-safe.
 */
final class Turns {

    private static final Comparator<Waiting> BY_EVENT =
            Comparator.comparing(Waiting::eventAt).thenComparing(Waiting::delivery);

    /** Who waits for each record that somebody has his turn at. */
    private final Map<RecordKey, Queue<Waiting>> busy = new HashMap<>();

    private record Waiting(Instant eventAt, String delivery, Runnable go) {}

    /**
     * Takes the turn at a record, or waits for it.
     *
     * @param eventAt when the delivery's event happened
     * @param go called when it is the delivery's turn, by who ends his; never if this answers true
     * @return whether it is its turn at once
     */
    synchronized boolean take(RecordKey record, Instant eventAt, String delivery, Runnable go) {
        Queue<Waiting> waiting = busy.get(record);
        if (waiting == null) {
            busy.put(record, new PriorityQueue<>(BY_EVENT));
            return true;
        }
        waiting.add(new Waiting(eventAt, delivery, go));
        return false;
    }

    /** Ends a turn; the next one has it. */
    void end(RecordKey record) {
        Waiting next;
        synchronized (this) {
            next = busy.get(record).poll();
            if (next == null) {
                busy.remove(record);
            }
        }
        if (next != null) {
            next.go().run();
        }
    }

    /** How many records somebody has his turn at. */
    synchronized int busy() {
        return busy.size();
    }
}
