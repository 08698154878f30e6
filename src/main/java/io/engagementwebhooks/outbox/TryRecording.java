package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.DueDelivery;
import io.engagementwebhooks.store.TryResult;
import java.time.Instant;
import java.util.concurrent.CompletionStage;
import org.apache.camel.Exchange;

/** Sees to it that every delivery taken up is recorded, whatever its route did: the record room's matter. */
public interface TryRecording {

    /**
     * A route is through with an exchange. What it recorded is answered; a route that recorded nothing is recorded for.
     *
     * @return completes when the try is recorded
     */
    CompletionStage<Ended> ended(Exchange exchange, DueDelivery due);

    /**
     * How a try ended.
     *
     * @param result what was recorded
     * @param slowDown whether the receiver is overloaded
     * @param next when the next delivery of its FIFO key may go, or null: there is none, or not yet
     */
    record Ended(TryResult result, boolean slowDown, Instant next) {
        /** One that nothing waits for. */
        public Ended(TryResult result, boolean slowDown) {
            this(result, slowDown, null);
        }
    }
}
