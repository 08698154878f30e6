package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.AttemptResult;
import io.engagementwebhooks.store.DueDelivery;
import java.util.concurrent.CompletionStage;
import org.apache.camel.Exchange;

/** Sees to it that every delivery taken up is recorded, whatever its route did: the record room's matter. */
public interface AttemptRecording {

    /**
     * A route is through with an exchange. A route that recorded nothing is recorded for.
     *
     * @return completes with what was recorded, after the commit
     */
    CompletionStage<AttemptResult> ended(Exchange exchange, DueDelivery due);
}
