package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.DueDelivery;
import io.engagementwebhooks.store.Share;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Queue;
import java.util.Set;
import java.util.function.Consumer;

/** What a lane has of one share, in memory and in the store. Guarded by the lock of {@link DueDeliveries}. */
final class Track {

    private final Lane lane;
    private final Share share;
    private final InStore inStore = new InStore();
    private final Queue<DueDelivery> ready = new ArrayDeque<>();
    private int held;
    private int inFlight;
    private boolean reading;
    private boolean inRing;

    Track(Lane lane, Share share) {
        this.lane = lane;
        this.share = share;
    }

    Lane lane() {
        return lane;
    }

    Share share() {
        return share;
    }

    InStore inStore() {
        return inStore;
    }

    boolean hasReady() {
        return !ready.isEmpty();
    }

    int ready() {
        return ready.size();
    }

    void add(DueDelivery delivery) {
        ready.add(delivery);
    }

    void eachReady(Consumer<DueDelivery> action) {
        ready.forEach(action);
    }

    DueDelivery first() {
        return ready.element();
    }

    /** Since when the first that is ready is due; {@link InStore#NEVER}: none is. */
    long oldestReady() {
        return ready.isEmpty() ? InStore.NEVER : ready.element().dueAt().toEpochMilli();
    }

    DueDelivery take() {
        inFlight++;
        return ready.remove();
    }

    int inFlight() {
        return inFlight;
    }

    void landed() {
        inFlight--;
    }

    /** How many are in memory, in flight, or about to be stored. */
    int held() {
        return held;
    }

    /** How many are in memory or about to be stored, and not in flight. */
    int waiting() {
        return held - inFlight;
    }

    void hold(int more) {
        held += more;
    }

    /** Moves those of some that are ready. */
    void setAside(Set<String> deliveries, Collection<DueDelivery> to) {
        ready.removeIf(delivery -> deliveries.contains(delivery.id()) && to.add(delivery));
    }

    /** What is ready and stays due in the store. */
    Queue<DueDelivery> drop() {
        Queue<DueDelivery> dropped = new ArrayDeque<>(ready);
        ready.clear();
        return dropped;
    }

    /** Whether the reader should look for more before what is ready has run out. */
    boolean wantsMore() {
        return ready.size() <= lane.few();
    }

    /** Whether the reader reads it at this moment. */
    boolean isReading() {
        return reading;
    }

    void reading(boolean isReading) {
        reading = isReading;
    }

    /** Whether it waits for its turn. */
    boolean inRing() {
        return inRing;
    }

    void inRing(boolean isInRing) {
        inRing = isInRing;
    }
}
