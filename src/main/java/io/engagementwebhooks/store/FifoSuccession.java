package io.engagementwebhooks.store;

import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * What a try means for the deliveries behind it: those of one key of a webhook go one after the other. Only the first of
 * them has a due time; the others are due at {@link #NOT_YET} and are found by no read of what is due, however many they
 * are, until the one before has ended or has failed for too long.
 *
 * @param key names the key's value by a hash, since it may be personal data
 * @param skipAfter how long after its first failure a delivery is overtaken by the next, or null: never
 */
public record FifoSuccession(String key, Duration skipAfter) {

    /** When a delivery is due that must not be sent before another has ended: later than every other. */
    public static final Instant NOT_YET = Instant.parse("9999-12-31T23:59:59Z");

    public FifoSuccession {
        Objects.requireNonNull(key);
    }

    /** The key of a webhook's deliveries with the same value. */
    public static String key(WebhookId webhook, String value) {
        return RecordKey.of(webhook.account(), "fifo", value).hash();
    }
}
