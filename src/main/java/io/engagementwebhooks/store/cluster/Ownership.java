package io.engagementwebhooks.store.cluster;

import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.util.Optional;

/**
 * The webhooks whose deliveries this instance sends. In a shared store a webhook has one owner at a time, while the owner's lease
 * is valid. Thread-safe.
 */
public interface Ownership {

    /** The number of partitions. */
    int PARTITIONS = 256;

    /** The partition of a webhook, by its id: the same everywhere and at all times. */
    static int partition(WebhookId webhook) {
        int hash = 31 * webhook.account().hashCode() + webhook.id().hashCode();
        hash = (hash ^ hash >>> 16) * 0x85ebca6b;
        hash = (hash ^ hash >>> 13) * 0xc2b2ae35;
        return (hash ^ hash >>> 16) & PARTITIONS - 1;
    }

    /** An embedded store: all webhooks, without a lease. */
    Ownership ALL = new Ownership() {
        @Override
        public int partitions() {
            return PARTITIONS;
        }

        @Override
        public boolean owns(int partition) {
            return true;
        }
    };

    /** The number of partitions that this instance owns. */
    int partitions();

    /** Whether this process owns a partition now. The owner of the first one also does what one instance of all does. */
    boolean owns(int partition);

    /** Whether this process may begin and send deliveries of a webhook now. */
    default boolean owns(WebhookId webhook) {
        return owns(partition(webhook));
    }

    /** The lease under which this process owns webhooks; empty: it needs none. */
    default Optional<Lease> lease() {
        return Optional.empty();
    }

    /**
     * The right to send for a time.
     *
     * @param age since it was renewed
     * @param isValid whether it has not ended
     */
    record Lease(Duration age, boolean isValid) {}
}
