package io.engagementwebhooks.outbox;

import java.util.HashSet;
import java.util.Set;

/**
 * What webhooks with slow receivers share: so many of their deliveries may be in flight together, and no more, until their
 * receivers answer in time again. Guarded by the lock of {@link DueDeliveries}.
 */
final class SmallLane {

    private static final int ROOM = 12;

    private final Set<Lane> lanes = new HashSet<>();
    private int inFlight;

    /** Runs a change of a lane, after which it may be slow or not, and have more or less in flight. */
    void around(Lane lane, Runnable change) {
        forget(lane);
        change.run();
        if (lane.isSlow() && lane.inFlight() > 0) {
            lanes.add(lane);
            inFlight += lane.inFlight();
        }
    }

    /** One that has become another. */
    void forget(Lane lane) {
        if (lanes.remove(lane)) {
            inFlight -= lane.inFlight();
        }
    }

    boolean hasRoom() {
        return inFlight < ROOM;
    }
}
