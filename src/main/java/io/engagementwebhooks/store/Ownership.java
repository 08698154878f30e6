package io.engagementwebhooks.store;

import io.engagementwebhooks.webhook.WebhookId;
import java.util.function.Predicate;

/**
 * Which webhooks' deliveries this process sends. In a shared store a webhook has one owner at a time, for as long as the
 * owner's lease lasts; a try belongs to the ownership under which it began, and neither sends nor records under another.
 * Thread-safe.
 */
public interface Ownership {

    /** How many parts webhooks are spread over. */
    int PARTITIONS = 256;

    /** Of an embedded store: everything, for ever. */
    Ownership ALL = new Ownership() {
        @Override
        public int partitions() {
            return PARTITIONS;
        }

        @Override
        public boolean owns(WebhookId webhook) {
            return true;
        }

        @Override
        public boolean begin(WebhookId webhook, String delivery) {
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

    /** Whether this process may take up deliveries of a webhook now. */
    boolean owns(WebhookId webhook);

    /** What {@link #owns} answers at this moment, also later. */
    default Predicate<WebhookId> asOfNow() {
        return this::owns;
    }

    /** A try begins. @return false: it must not, for this process does not own the webhook now */
    boolean begin(WebhookId webhook, String delivery);

    /** Whether a try that was begun may still send: to be asked right before the first byte. */
    boolean maySend(String delivery);

    /** A try that was begun has ended. */
    void ended(String delivery);
}
