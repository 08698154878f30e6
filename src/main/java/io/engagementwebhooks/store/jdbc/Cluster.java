package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.ClusterStore;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** The processes that share a store, for the other parts of the store. Thread-safe. */
interface Cluster extends ClusterStore {

    /** An embedded store: one process. */
    Cluster ALONE = new Cluster() {};

    /** The partitions that this process owns. */
    default OwnedPartitions owned() {
        return OwnedPartitions.ALL;
    }

    /** Whether this process owns a partition. */
    default boolean owns(int partition) {
        return true;
    }

    /** The epochs in which attempts of deliveries began; empty: no other process can own the webhook. */
    default Map<String, Leases.AttemptEpoch> attemptEpochs(WebhookId webhook, Collection<String> deliveries) {
        return Map.of();
    }

    /** Asks the owner of a webhook to discard deliveries. */
    default CompletionStage<Integer> requestDiscard(WebhookId webhook, List<String> deliveries, String reason) {
        throw new IllegalStateException("no other process uses this store");
    }

    /** Removes encrypted data that is shared by all processes and can be produced again. */
    default void removeSealed(Statements statements) throws SQLException {}

    /** Publishes a change to the other processes. Returns at once. */
    default void publish(ClusterEvent event, Collection<WebhookId> webhooks) {}
}
