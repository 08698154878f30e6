package io.engagementwebhooks.store;

import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * Which webhooks' deliveries this process sends. In a shared store a webhook has one owner at a time, for as long as the
 * owner's lease lasts; a try belongs to the term of ownership under which it began, and neither sends nor records under
 * another. Thread-safe.
 */
public interface Ownership {

    /** How many partitions webhooks are spread over. */
    int PARTITIONS = 256;

    /** The partition of a webhook, by its id: the same everywhere and at all times. */
    static int partition(WebhookId webhook) {
        int hash = 31 * webhook.account().hashCode() + webhook.id().hashCode();
        hash = (hash ^ hash >>> 16) * 0x85ebca6b;
        hash = (hash ^ hash >>> 13) * 0xc2b2ae35;
        return (hash ^ hash >>> 16) & PARTITIONS - 1;
    }

    /** Of an embedded store: everything, for ever. */
    Ownership ALL = new Ownership() {
        @Override
        public int partitions() {
            return PARTITIONS;
        }

        @Override
        public long term(WebhookId webhook) {
            return 1;
        }

        @Override
        public boolean begin(WebhookId webhook, String delivery, long term) {
            return true;
        }

        @Override
        public boolean maySend(String delivery) {
            return true;
        }

        @Override
        public void ended(String delivery) {}
    };

    /** How many of the partitions that webhooks are spread over are this process's. */
    int partitions();

    /**
     * The term under which this process owns a webhook now: a number that rises whenever the webhook has had another owner
     * meanwhile. What was read of it under an earlier term may have been sent by that owner.
     *
     * @return 0: this process may not take up its deliveries
     */
    long term(WebhookId webhook);

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

    /** Whether this process may take up deliveries of a webhook now. */
    default boolean owns(WebhookId webhook) {
        return term(webhook) != 0;
    }

    /** What {@link #term} answers at this moment, also later. */
    default ToLongFunction<WebhookId> asOfNow() {
        return this::term;
    }

    /** A try begins of what was read under a term. @return false: it must not, for that is not the term now */
    boolean begin(WebhookId webhook, String delivery, long term);

    /** A try begins of what will be read under the term of now. @return false: there is none */
    default boolean begin(WebhookId webhook, String delivery) {
        long term = term(webhook);
        return term != 0 && begin(webhook, delivery, term);
    }

    /** Whether a try that was begun may still send: to be asked right before the first byte. */
    boolean maySend(String delivery);

    /** A try that was begun has ended. */
    void ended(String delivery);
}
