package io.engagementwebhooks.record;

import io.engagementwebhooks.deliver.AttemptTracing;
import io.engagementwebhooks.deliver.judge.FailureJudging;
import io.engagementwebhooks.ledger.RoomContext;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.webhook.Breaker;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.camel.Processor;

/** Sets up the recording of attempts. */
public final class RecordRoom {

    private RecordRoom() {}

    /**
     * @param breaker the default for disabling failing webhooks
     * @param failures judges attempts that failed outside of the step that judges failures
     */
    public static void open(
            RoomContext room,
            Store store,
            Breaker breaker,
            AttemptLog attempts,
            AttemptTracing tracing,
            FailureJudging failures) {
        Recorder recorder = room.closeAtStop(new Recorder(
                store,
                room.clock(),
                () -> ThreadLocalRandom.current().nextDouble(),
                breaker,
                attempts,
                tracing,
                failures));
        room.bind("attemptRecording", recorder);
        // the route ends without waiting for the commit; the delivery stays in flight until then
        room.bind("recordOutcome", (Processor) recorder::record);
    }
}
