package io.engagementwebhooks.outbox;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Where each delivery is that is in memory, in flight, about to be stored or set aside: in one lane, whatever its webhook is
 * called in the store meanwhile. Guarded by the lock of {@link DueDeliveries}.
 */
final class Holders {

    private final Map<String, Lane> lanes = new HashMap<>();

    /** Those that were let go since the reader last began: it may have read them as they were before. */
    private final Set<String> letGo = new HashSet<>();

    private boolean reading;

    void hold(String delivery, Lane lane) {
        lanes.put(delivery, lane);
    }

    void letGo(String delivery, Lane lane) {
        if (lanes.remove(delivery, lane) && reading) {
            letGo.add(delivery);
        }
    }

    /** The lane that holds it, or null. */
    Lane of(String delivery) {
        return lanes.get(delivery);
    }

    void startReading() {
        reading = true;
        letGo.clear();
    }

    void endReading() {
        reading = false;
    }

    /** Whether nobody has held something that was read, since the reading began: it is as it was read. */
    boolean isAsRead(String delivery) {
        return !lanes.containsKey(delivery) && !letGo.contains(delivery);
    }
}
