package io.engagementwebhooks.store.cluster;

import io.engagementwebhooks.store.jdbc.Statements;
import io.engagementwebhooks.webhook.WebhookId;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Set;

/** The processes that share a store, for the other parts of the store. Thread-safe. */
public interface Cluster extends ClusterStore {

    /** An embedded store: one process. */
    Cluster ALONE = new Cluster() {};

    /** The partitions that this process owns. */
    default OwnedPartitions owned() {
        return OwnedPartitions.ALL;
    }

    /** Which of some partitions this process owns; no other process takes them before the transaction ends. */
    default Set<Integer> lockOwned(Statements statements, Set<Integer> partitions) throws SQLException {
        return partitions;
    }

    /** Removes encrypted data that is shared by all processes and can be produced again. */
    default void removeSealed(Statements statements) throws SQLException {}

    /** Publishes a change to the other processes. Returns at once. */
    default void publish(ClusterEvent event, Collection<WebhookId> webhooks) {}

    /** Publishes canceled deliveries of a webhook with the commit of the transaction. */
    default void publishCanceled(Statements statements, WebhookId webhook, Collection<String> deliveries)
            throws SQLException {}
}
