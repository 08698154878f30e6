package io.engagementwebhooks.store;

import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * The webhooks whose deliveries this instance sends. In a shared store a webhook has one owner at a time, while the owner's lease
 * is valid. An attempt belongs to the epoch in which it began, and neither sends nor records in another. Thread-safe.
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
        public long epoch(WebhookId webhook) {
            return 1;
        }

        @Override
        public boolean begin(WebhookId webhook, String delivery, long epoch) {
            return true;
        }

        @Override
        public boolean maySend(String delivery) {
            return true;
        }

        @Override
        public void ended(String delivery) {}
    };

    /** The number of partitions that this instance owns. */
    int partitions();

    /**
     * The epoch (fencing token) in which this instance owns a webhook now; it rises with each change of owner. A delivery that was
     * read in an earlier epoch may have been sent by another owner.
     *
     * @return 0: this process may not send its deliveries
     */
    long epoch(WebhookId webhook);

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

    /** Whether this process may send deliveries of a webhook now. */
    default boolean owns(WebhookId webhook) {
        return epoch(webhook) != 0;
    }

    /** A snapshot of {@link #epoch}. */
    default ToLongFunction<WebhookId> asOfNow() {
        return this::epoch;
    }

    /** Begins an attempt of a delivery that was read in an epoch. @return false: that is no longer the epoch, so it must not begin */
    boolean begin(WebhookId webhook, String delivery, long epoch);

    /** Begins an attempt of a delivery that is read afterwards. @return false: this instance does not own the webhook */
    default boolean begin(WebhookId webhook, String delivery) {
        long epoch = epoch(webhook);
        return epoch != 0 && begin(webhook, delivery, epoch);
    }

    /** Whether an attempt that has begun may still send; called right before the first byte. */
    boolean maySend(String delivery);

    /** Ends an attempt that has begun. */
    void ended(String delivery);
}
