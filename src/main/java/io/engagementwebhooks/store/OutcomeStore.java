package io.engagementwebhooks.store;

import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Records how attempts ended, and what follows for their webhooks. Thread-safe; writes complete after their commit. */
public interface OutcomeStore {

    /**
     * Writes how an attempt ended: its row, the delivery's next state and what it means for its webhook and for those behind it.
     *
     * @return what follows; fails with {@link NotOwnedException} where another process owns the webhook by now
     */
    CompletionStage<Recorded> record(AttemptResult result);

    /** Records a test as a delivery that has ended. It counts neither in statistics nor for the health of its webhook. */
    CompletionStage<Void> recordTest(TestedDelivery test);

    /** The run-time states of all webhooks that have a row. */
    List<WebhookState> webhookStates();

    /** The run-time state of a webhook, if it has a row. */
    Optional<WebhookState> webhookState(WebhookId webhook);

    /** Sets a webhook's state, which ends a hold. @return the state after it */
    CompletionStage<WebhookState> setState(WebhookId webhook, WebhookState.State state, String reason, Instant since);

    /** The notices that were not published yet, of webhooks that this process owns, the first first. */
    List<SystemEvent> notices(int limit);

    /** Removes a notice that was published. */
    CompletionStage<Void> published(long notice);
}
