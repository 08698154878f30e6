package io.engagementwebhooks.deliver.salesforce;

import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

/** Serializes calls that write to the same record, in the order of their events. No thread waits. Thread-safe. */
final class ParentLocks {

    /** Beyond, they wait in the outbox. */
    private static final int MOST_WAITING = 16;

    private final Map<String, Line> lines = new HashMap<>();
    private long number;

    private static final class Line {
        private final PriorityQueue<Waiting> waiting =
                new PriorityQueue<>(Comparator.comparing(Waiting::at).thenComparing(Waiting::number));
    }

    private record Waiting(Instant at, long number, CompletableFuture<Void> turn) {}

    /** The right to write, until it is given back. */
    interface ParentLock {
        /** Releases it; idempotent. */
        void end();
    }

    /** Too many wait for the same record already. */
    static final class LongLine extends RuntimeException {
        LongLine() {
            super("other calls to the same Salesforce record are in flight", null, false, false);
        }
    }

    /**
     * Waits for all of these records. Fails with {@link LongLine}.
     *
     * @param at when the event happened
     */
    CompletableFuture<ParentLock> take(Collection<String> records, Instant at) {
        List<String> taken = new CopyOnWriteArrayList<>();
        CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
        // always in the same order, so that two calls never wait for each other
        for (String record : new TreeSet<>(records)) {
            all = all.thenCompose(before -> line(record, at)).thenRun(() -> taken.add(record));
        }
        ParentLock turn = once(taken);
        return all.handle((done, failure) -> {
            if (failure != null) {
                turn.end();
                throw failure instanceof CompletionException known ? known : new CompletionException(failure);
            }
            return turn;
        });
    }

    private synchronized CompletableFuture<Void> line(String record, Instant at) {
        Line line = lines.get(record);
        if (line == null) {
            lines.put(record, new Line());
            return CompletableFuture.completedFuture(null);
        }
        if (line.waiting.size() >= MOST_WAITING) {
            return CompletableFuture.failedFuture(new LongLine());
        }
        Waiting waiting = new Waiting(at, number++, new CompletableFuture<>());
        line.waiting.add(waiting);
        return waiting.turn;
    }

    private ParentLock once(List<String> records) {
        AtomicBoolean ended = new AtomicBoolean();
        return () -> {
            if (ended.compareAndSet(false, true)) {
                records.forEach(this::next);
            }
        };
    }

    private void next(String record) {
        Waiting next;
        synchronized (this) {
            next = lines.get(record).waiting.poll();
            if (next == null) {
                lines.remove(record);
            }
        }
        if (next != null) {
            next.turn.complete(null);
        }
    }

    /** How many records are locked or waited for. */
    synchronized int size() {
        return lines.size();
    }
}
