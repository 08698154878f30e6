package io.engagementwebhooks.store.cluster;

import io.engagementwebhooks.store.definition.DefinitionStore;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;

/** Receives changes that other instances made in a shared store. Must not block. Thread-safe. */
public interface ClusterListener {

    /** A delivery of a webhook may have become due a moment ago. */
    void due(WebhookId webhook);

    /** Deliveries of a webhook may have become due since a time. */
    void due(WebhookId webhook, Instant since);

    /** A manual retry: send a webhook's deliveries now, whatever its receiver asked for. */
    void dueNow(WebhookId webhook);

    /** Pending deliveries of a webhook were canceled. */
    void canceled(WebhookId webhook, List<String> deliveries);

    /** The state of a webhook may have changed. */
    void stateChanged(WebhookId webhook);

    /** Messages may have been missed: the state of any webhook may have changed. */
    void eventsMissed();

    /**
     * The partitions of webhooks that this instance owns have changed. Begins no delivery of the others from its return on.
     *
     * @param partitions see {@link Ownership#partition}; not changed afterwards
     */
    void ownershipChanged(BitSet partitions);

    /** The partitions of the webhooks with deliveries in flight. */
    BitSet inFlight();

    /** The configuration may have changed; see {@link DefinitionStore#since}. */
    void configChanged();
}
