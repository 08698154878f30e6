package io.engagementwebhooks.store.due;

import io.engagementwebhooks.store.outcome.RecordKey;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * The FIFO order of a delivery. Deliveries of a webhook with the same key are sent one after the other. Only the first
 * has a due time; the others are due at {@link #NOT_YET}, and no search for due ones reads them until the one before
 * has ended or has failed for too long.
 *
 * @param key hash of the key's value, which may be personal data
 * @param skipAfter how long after its first failure the next one may overtake it, or null: never
 */
public record FifoSuccession(String key, Duration skipAfter) {

    /** The due time of a delivery that another one blocks: later than every other. */
    public static final Instant NOT_YET = Instant.parse("9999-12-31T23:59:59Z");

    public FifoSuccession {
        Objects.requireNonNull(key);
    }

    /** The key of a webhook's deliveries with the same value. */
    public static String key(WebhookId webhook, String value) {
        return RecordKey.of(webhook.account(), "fifo", value).hash();
    }
}
