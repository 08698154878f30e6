package io.engagementwebhooks.store;

import io.engagementwebhooks.webhook.WebhookId;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Receives changes that other instances made in a shared store. Must not block. Thread-safe. */
public interface ClusterListener {

    /** A delivery of a webhook that this instance owns may be due. */
    void due(WebhookId webhook);

    /** A manual retry: send a webhook's deliveries now, whatever its receiver asked for. */
    void dueNow(WebhookId webhook);

    /** The state of a webhook may have changed. */
    void stateChanged(WebhookId webhook);

    /** Messages may have been missed: the state of any webhook may have changed. */
    void eventsMissed();

    /** The set of webhooks that this instance owns has changed. */
    void ownershipChanged();

    /** The configuration may have changed; see {@link DefinitionStore#since}. */
    void configChanged();

    /**
     * Another instance asks the owner, this process, to discard deliveries that are not being sent.
     *
     * @return the number discarded
     */
    CompletionStage<Integer> discard(WebhookId webhook, List<String> deliveries, String reason);
}
