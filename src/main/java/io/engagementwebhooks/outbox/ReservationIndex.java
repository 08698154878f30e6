package io.engagementwebhooks.outbox;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The deliveries of one webhook whose rows the reader leaves alone: in memory, in flight, about to be stored or closed in the
 * store. Guarded by the lock of {@link WebhookQueues}.
 */
final class ReservationIndex {

    /** Limit of abandoned deliveries beyond the cap. While no outcome can be stored, further deliveries wait. */
    private static final int MOST_ABANDONED = 64;

    /** By delivery, where it takes a place; an abandoned one takes none: null. */
    private final Map<String, SubQueue> reserved = new HashMap<>();

    /** Released since the reader began, which may have read them as they were before. */
    private final Set<String> releasedWhileReading = new HashSet<>();

    private final Set<String> sentBeforeRepair = new HashSet<>();

    /** Reserved when another process may have come to own the webhook, and to send them. */
    private final Set<String> ofFormerEpoch = new HashSet<>();

    private boolean reading;
    private int abandoned;

    Set<String> deliveries() {
        return reserved.keySet();
    }

    boolean contains(String delivery) {
        return reserved.containsKey(delivery);
    }

    /** Whether its attempt ended without a record, so that it is not read again. */
    boolean isAbandoned(String delivery) {
        return reserved.containsKey(delivery) && reserved.get(delivery) == null;
    }

    boolean isEmpty() {
        return reserved.isEmpty();
    }

    void reserve(String delivery, SubQueue place) {
        drop(reserved.put(delivery, place));
        place.reserve(1);
    }

    void release(String delivery) {
        if (reading && reserved.containsKey(delivery)) {
            releasedWhileReading.add(delivery);
        }
        drop(reserved.remove(delivery));
        sentBeforeRepair.remove(delivery);
        ofFormerEpoch.remove(delivery);
    }

    private static void drop(SubQueue place) {
        if (place != null) {
            place.reserve(-1);
        }
    }

    /** An attempt ended without a record: its row must not be read again, but others may be sent in its place. */
    void abandon(String delivery) {
        if (abandoned++ < MOST_ABANDONED) {
            drop(reserved.put(delivery, null));
        }
    }

    void startReading() {
        reading = true;
        releasedWhileReading.clear();
    }

    void endReading() {
        reading = false;
    }

    /** Whether a delivery was not reserved since the reading began, so that it is as it was read. */
    boolean isAsRead(String delivery) {
        return !reserved.containsKey(delivery) && !releasedWhileReading.contains(delivery);
    }

    /** Drops the reservations, whose deliveries another process may have sent. */
    void endEpoch() {
        ofFormerEpoch.addAll(reserved.keySet());
    }

    boolean isOfFormerEpoch(String delivery) {
        return ofFormerEpoch.contains(delivery);
    }

    /** The credential was repaired. @param ready deliveries that will be sent with the repaired one */
    void repaired(Collection<String> ready) {
        sentBeforeRepair.addAll(reserved.keySet());
        sentBeforeRepair.removeAll(ready);
    }

    boolean wasSentBeforeRepair(String delivery) {
        return sentBeforeRepair.contains(delivery);
    }
}
