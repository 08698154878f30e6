package io.engagementwebhooks.record;

import io.engagementwebhooks.deliver.AttemptTracing;
import io.engagementwebhooks.ledger.RoomContext;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.webhook.Breaker;
import java.util.concurrent.ThreadLocalRandom;

/** Sets up the recording of attempts. */
public final class RecordRoom {

    private RecordRoom() {}

    /** @param breaker the default for disabling failing webhooks */
    public static void open(
            RoomContext room, Store store, Breaker breaker, AttemptLog attempts, AttemptTracing tracing) {
        Recorder recorder = room.closeAtStop(new Recorder(
                store, room.clock(), () -> ThreadLocalRandom.current().nextDouble(), breaker, attempts, tracing));
        room.bind("attemptRecording", recorder);
        room.bind("recordOutcome", new OutcomeRecording(recorder));
    }
}
