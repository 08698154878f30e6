package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.Share;
import java.util.EnumMap;
import java.util.Map;

/**
 * How many are in flight and not parked: those of webhooks with slow receivers, which share a small lane, and of all others the first tries
 * and the retries, each of which have their turn while they have the fewer. Guarded by the lock of {@link DueDeliveries}.
 */
final class Places {

    /** So many of webhooks with slow receivers together, and no more, until these answer in time again. */
    private static final int ROOM_OF_SLOW = 12;

    private final Map<Share, Integer> inFlight = new EnumMap<>(Share.class);
    private int slow;
    private Share last = Share.RETRIES;

    Places() {
        for (Share share : Share.values()) {
            inFlight.put(share, 0);
        }
    }

    /** Runs a change of a lane, after which it may be slow or not, and have more or less in flight. */
    void around(Lane lane, Runnable change) {
        count(lane, -1);
        change.run();
        count(lane, 1);
    }

    private void count(Lane lane, int sign) {
        if (lane.isSlow()) {
            slow += sign * lane.atWork();
        } else {
            for (Share share : Share.values()) {
                inFlight.merge(share, sign * lane.track(share).atWork(), Integer::sum);
            }
        }
    }

    boolean slowHaveRoom() {
        return slow < ROOM_OF_SLOW;
    }

    /** Whose turn it is where both wait. */
    Share turn() {
        int more = inFlight.get(last) - inFlight.get(last.other());
        return more < 0 ? last : last.other();
    }

    void took(Share share) {
        last = share;
    }
}
