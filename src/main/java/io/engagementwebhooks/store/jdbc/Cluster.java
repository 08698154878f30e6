package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.ClusterStore;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** The processes that share a store, as its other parts need them. Thread-safe. */
interface Cluster extends ClusterStore {

    /** An embedded store: one process. */
    Cluster ALONE = new Cluster() {};

    /** The partitions that are this process's. */
    default OwnedPartitions owned() {
        return OwnedPartitions.ALL;
    }

    /** Whether a partition is this process's. */
    default boolean owns(int partition) {
        return true;
    }

    /** The epochs under which deliveries of a webhook were begun; empty: no other process could own it. */
    default Map<String, Leases.Try> begun(WebhookId webhook, Collection<String> deliveries) {
        return Map.of();
    }

    /** Lets the owner of a webhook discard deliveries. */
    default CompletionStage<Integer> letDiscard(WebhookId webhook, List<String> deliveries, String reason) {
        throw new IllegalStateException("no other process uses this store");
    }

    /** Removes what is sealed and was made for all processes: it is made again. */
    default void forgetSealed(Statements statements) throws SQLException {}

    /** Publishes a change to the other processes. Returns at once. */
    default void publish(ClusterEvent event, Collection<WebhookId> webhooks) {}
}
