package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.due.AttemptKind;
import io.engagementwebhooks.store.due.DueDelivery;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * The first attempts or the retries of a webhook, in memory and in the store. Guarded by the lock of {@link
 * WebhookQueues}.
 */
final class SubQueue {

    private final WebhookQueue queue;
    private final AttemptKind kind;
    private final DueCursor cursor = new DueCursor();

    /** Starts small: most queues are empty. */
    private final Queue<DueDelivery> ready = new ArrayDeque<>(1);

    private int reserved;
    private int inFlight;
    private boolean inRing;

    SubQueue(WebhookQueue queue, AttemptKind kind) {
        this.queue = queue;
        this.kind = kind;
    }

    WebhookQueue queue() {
        return queue;
    }

    AttemptKind kind() {
        return kind;
    }

    SubQueue other() {
        return queue.of(kind.other());
    }

    /** The position in the store. */
    DueCursor cursor() {
        return cursor;
    }

    boolean hasReady() {
        return !ready.isEmpty();
    }

    int ready() {
        return ready.size();
    }

    List<String> readyIds() {
        return ready.stream().map(DueDelivery::id).toList();
    }

    void add(DueDelivery delivery) {
        ready.add(delivery);
    }

    /** When the first ready delivery became due, in ms since 1970; {@link DueCursor#NEVER}: none is ready. */
    long oldestReady() {
        return ready.isEmpty() ? DueCursor.NEVER : ready.element().dueAt().toEpochMilli();
    }

    DueDelivery take() {
        inFlight++;
        return ready.remove();
    }

    int inFlight() {
        return inFlight;
    }

    void ended() {
        inFlight--;
    }

    /** The number of used slots: deliveries in memory, in flight, or about to be stored. */
    int reserved() {
        return reserved;
    }

    /** The number of reserved ones that are not in flight. */
    int notInFlight() {
        return reserved - inFlight;
    }

    void reserve(int more) {
        reserved += more;
    }

    List<DueDelivery> removeAll() {
        List<DueDelivery> all = new ArrayList<>(ready);
        ready.clear();
        return all;
    }

    /** Whether the reader should read more before the ready ones have run out. */
    boolean isRunningLow() {
        return ready.size() <= queue.lowWaterMark();
    }

    /** Whether it is in a ring of {@link ReadyQueues}. */
    boolean inRing() {
        return inRing;
    }

    void inRing(boolean isInRing) {
        inRing = isInRing;
    }
}
