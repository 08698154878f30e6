package io.engagementwebhooks.outbox;

import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.outcome.AttemptResult;
import java.util.concurrent.CompletionStage;
import org.apache.camel.Exchange;

/** Records the attempt of every acquired delivery. Implemented by package {@code record}. */
public interface AttemptRecording {

    /**
     * Called when a route has completed an exchange; records a result also where the route recorded none.
     *
     * @return the recorded result, after the commit
     */
    CompletionStage<AttemptResult> ended(Exchange exchange, DueDelivery due);
}
