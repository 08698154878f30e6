package io.engagementwebhooks.store.outcome;

import io.engagementwebhooks.store.accept.SystemEvent;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Records outcomes of attempts and the run-time states of webhooks. Thread-safe; writes complete after their commit.
 */
public interface OutcomeStore {

    /**
     * Records an attempt: its row, the delivery's next state, and the consequences for its webhook and its FIFO key.
     *
     * @return the consequences; fails with {@link FencedException} if another process sends the delivery
     */
    CompletionStage<Recorded> record(AttemptResult result);

    /** Records a test as an ended delivery. It affects neither statistics nor the health of its webhook. */
    CompletionStage<Void> recordTest(TestedDelivery test);

    /** The run-time states of all webhooks that have a row. */
    List<WebhookState> webhookStates();

    /** The run-time state of a webhook, if it has a row. */
    Optional<WebhookState> webhookState(WebhookId webhook);

    /** Sets a webhook's state, which ends its hold. @return the new state */
    CompletionStage<WebhookState> setState(WebhookId webhook, WebhookState.State state, String reason, Instant since);

    /** Unpublished system events of webhooks that this process owns, oldest first. */
    List<SystemEvent> unpublishedSystemEvents(int limit);

    /** Removes a published system event. */
    CompletionStage<Void> removeSystemEvent(long key);
}
