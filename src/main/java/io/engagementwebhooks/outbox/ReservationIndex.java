package io.engagementwebhooks.outbox;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The deliveries of one webhook that the reader must skip. They are in memory, in flight, or about to be stored. Guarded
 * by the lock of {@link WebhookQueues}.
 */
final class ReservationIndex {

    /** The most abandoned deliveries that free their slot. While no outcome can be stored, further ones keep theirs. */
    private static final int MAX_ABANDONED = 64;

    private static final class Reservation {

        /** The sub-queue whose slot the delivery uses; null: it is abandoned and uses none. */
        private SubQueue subQueue;

        private boolean sentBeforeRepair;

        /** It was canceled, or reserved in an earlier epoch: another process may send it. */
        private boolean ofFormerEpoch;

        void useSlotOf(SubQueue other) {
            if (subQueue != null) {
                subQueue.reserve(-1);
            }
            subQueue = other;
            if (other != null) {
                other.reserve(1);
            }
        }
    }

    private final Map<String, Reservation> reserved = new HashMap<>();

    /** Released or canceled during the current read, which may have read an outdated row. */
    private Set<String> changedWhileReading = Set.of();

    private boolean reading;
    private int abandoned;

    Set<String> deliveries() {
        return reserved.keySet();
    }

    boolean contains(String delivery) {
        return reserved.containsKey(delivery);
    }

    /** Whether its attempt ended without a record. */
    boolean isAbandoned(String delivery) {
        return is(delivery, reservation -> reservation.subQueue == null);
    }

    private boolean is(String delivery, Predicate<Reservation> condition) {
        Reservation reservation = reserved.get(delivery);
        return reservation != null && condition.test(reservation);
    }

    boolean isEmpty() {
        return reserved.isEmpty();
    }

    void reserve(String delivery, SubQueue subQueue) {
        of(delivery).useSlotOf(subQueue);
    }

    private Reservation of(String delivery) {
        return reserved.computeIfAbsent(delivery, first -> new Reservation());
    }

    void release(String delivery) {
        Reservation released = reserved.remove(delivery);
        if (released == null) {
            return;
        }
        released.useSlotOf(null);
        changed(delivery);
    }

    private void changed(String delivery) {
        if (reading) {
            changedWhileReading = changedWhileReading.isEmpty() ? new HashSet<>() : changedWhileReading;
            changedWhileReading.add(delivery);
        }
    }

    /** Keeps a delivery without a recorded outcome from being read again, and frees its slot. */
    void abandon(String delivery) {
        if (abandoned++ < MAX_ABANDONED) {
            of(delivery).useSlotOf(null);
        }
    }

    void startReading() {
        reading = true;
        changedWhileReading = Set.of();
    }

    void endReading() {
        reading = false;
    }

    /** Whether a delivery was neither reserved nor canceled during the read, so that its row is current. */
    boolean isUnchanged(String delivery) {
        return !reserved.containsKey(delivery) && !changedWhileReading.contains(delivery);
    }

    /** Marks all reservations as of a former epoch. */
    void endEpoch() {
        reserved.values().forEach(reservation -> reservation.ofFormerEpoch = true);
    }

    /** Marks canceled deliveries, as reservations of a former epoch. */
    void canceled(Collection<String> deliveries) {
        for (String delivery : deliveries) {
            changed(delivery);
            Reservation reservation = reserved.get(delivery);
            if (reservation != null) {
                reservation.ofFormerEpoch = true;
            }
        }
    }

    boolean isOfFormerEpoch(String delivery) {
        return is(delivery, reservation -> reservation.ofFormerEpoch);
    }

    /** Records a repair of the credential. @param ready deliveries that will use the repaired one */
    void credentialRepaired(Set<String> ready) {
        reserved.forEach((delivery, reservation) -> reservation.sentBeforeRepair = !ready.contains(delivery));
    }

    boolean wasSentBeforeRepair(String delivery) {
        return is(delivery, reservation -> reservation.sentBeforeRepair);
    }
}
