package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.AttemptResult;
import io.engagementwebhooks.store.DueDelivery;
import java.util.concurrent.CompletionStage;
import org.apache.camel.Exchange;

/** Records every acquired delivery, whatever its route did; the record room implements it. */
public interface AttemptRecording {

    /**
     * A route is through with an exchange. A route that recorded nothing is recorded for.
     *
     * @return completes with what was recorded, after the commit
     */
    CompletionStage<AttemptResult> ended(Exchange exchange, DueDelivery due);
}
