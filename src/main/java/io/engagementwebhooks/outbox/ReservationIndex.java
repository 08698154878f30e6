package io.engagementwebhooks.outbox;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The deliveries of one webhook that the reader must skip. They are in memory, in flight, about to be stored, or being
 * closed in the store. Guarded by the lock of {@link WebhookQueues}.
 */
final class ReservationIndex {

    /** The most abandoned deliveries that free their slot. While no outcome can be stored, further ones keep theirs. */
    private static final int MAX_ABANDONED = 64;

    /** The sub-queue whose slot a delivery uses; null for an abandoned one, which uses none. */
    private final Map<String, SubQueue> reserved = new HashMap<>();

    /** Released during the current read, which may have read an outdated row. */
    private final Set<String> releasedWhileReading = new HashSet<>();

    private final Set<String> sentBeforeRepair = new HashSet<>();

    /** Reserved in an earlier epoch: another process may have sent them since. */
    private final Set<String> ofFormerEpoch = new HashSet<>();

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
        return reserved.containsKey(delivery) && reserved.get(delivery) == null;
    }

    boolean isEmpty() {
        return reserved.isEmpty();
    }

    void reserve(String delivery, SubQueue subQueue) {
        freeSlot(reserved.put(delivery, subQueue));
        subQueue.reserve(1);
    }

    void release(String delivery) {
        if (reading && reserved.containsKey(delivery)) {
            releasedWhileReading.add(delivery);
        }
        freeSlot(reserved.remove(delivery));
        sentBeforeRepair.remove(delivery);
        ofFormerEpoch.remove(delivery);
    }

    private static void freeSlot(SubQueue subQueue) {
        if (subQueue != null) {
            subQueue.reserve(-1);
        }
    }

    /** Keeps a delivery without a recorded outcome from being read again, and frees its slot. */
    void abandon(String delivery) {
        if (abandoned++ < MAX_ABANDONED) {
            freeSlot(reserved.put(delivery, null));
        }
    }

    void startReading() {
        reading = true;
        releasedWhileReading.clear();
    }

    void endReading() {
        reading = false;
    }

    /** Whether a delivery was not reserved during the read, so that its row is current. */
    boolean isUnchanged(String delivery) {
        return !reserved.containsKey(delivery) && !releasedWhileReading.contains(delivery);
    }

    /** Marks all reservations as of a former epoch. */
    void endEpoch() {
        ofFormerEpoch.addAll(reserved.keySet());
    }

    boolean isOfFormerEpoch(String delivery) {
        return ofFormerEpoch.contains(delivery);
    }

    /** Records a repair of the credential. @param ready deliveries that will use the repaired one */
    void credentialRepaired(Collection<String> ready) {
        sentBeforeRepair.addAll(reserved.keySet());
        sentBeforeRepair.removeAll(ready);
    }

    boolean wasSentBeforeRepair(String delivery) {
        return sentBeforeRepair.contains(delivery);
    }
}
