package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.TurnRing;
import java.util.Comparator;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * The lanes that the reader will read, each once. Those whose time has come have turns by account, so that an account with a
 * backlog delays no other; the rest waits in the order of time. Guarded by the lock of {@link DueDeliveries}.
 */
final class ReadQueue {

    /** The time of a lane that waits for its turn only. */
    private static final long NOW = Long.MIN_VALUE;

    private final NavigableSet<Lane> later =
            new TreeSet<>(Comparator.<Lane>comparingLong(Lane::wakeAt).thenComparingLong(Lane::number));

    private final TurnRing<Lane> due = new TurnRing<>(lane -> lane.webhook().account());

    /** Adds a lane to be read at a time. @return false: it is to be read by then already */
    boolean add(Lane lane, long at) {
        if (at >= lane.wakeAt()) {
            return false;
        }
        remove(lane);
        lane.wakeAt(at);
        later.add(lane);
        return true;
    }

    void remove(Lane lane) {
        if (lane.wakeAt() == NOW) {
            due.remove(lane);
        } else if (lane.wakeAt() != InStore.NEVER) {
            later.remove(lane);
        }
        lane.wakeAt(InStore.NEVER);
    }

    /** Removes the lane whose turn it is. @return null: none is to be read yet */
    Lane poll(long now) {
        while (!later.isEmpty() && later.first().wakeAt() <= now) {
            Lane lane = later.pollFirst();
            lane.wakeAt(NOW);
            due.add(lane);
        }
        if (due.isEmpty()) {
            return null;
        }
        Lane next = due.remove();
        next.wakeAt(InStore.NEVER);
        return next;
    }

    /** When the next lane is to be read; {@link InStore#NEVER}: there is none. */
    long nextAt() {
        if (!due.isEmpty()) {
            return NOW;
        }
        return later.isEmpty() ? InStore.NEVER : later.first().wakeAt();
    }

    void clear() {
        Lane next = poll(InStore.NEVER);
        while (next != null) {
            next = poll(InStore.NEVER);
        }
    }
}
