package io.engagementwebhooks.record;

import io.engagementwebhooks.deliver.AttemptTracing;
import io.engagementwebhooks.ledger.RoomContext;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.webhook.Breaker;
import io.engagementwebhooks.webhook.Webhook;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;

/** Sets up the recording of attempts. */
public final class RecordRoom {

    private RecordRoom() {}

    /**
     * @param breaker the default for disabling failing webhooks
     * @param maySend whether steps of the user's own may send the deliveries of a webhook
     */
    public static void open(
            RoomContext room,
            Store store,
            Breaker breaker,
            AttemptLog attempts,
            AttemptTracing tracing,
            Predicate<Webhook> maySend) {
        Recorder recorder = room.closeAtStop(new Recorder(
                store,
                room.clock(),
                () -> ThreadLocalRandom.current().nextDouble(),
                breaker,
                attempts,
                tracing,
                maySend));
        room.bind("attemptRecording", recorder);
        room.bind("recordOutcome", new OutcomeRecording(recorder));
    }
}
