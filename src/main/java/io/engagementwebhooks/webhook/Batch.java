package io.engagementwebhooks.webhook;

import java.time.Duration;
import java.util.Objects;

/**
 * Limits of a batch of deliveries in one request.
 *
 * @param size the most deliveries; 1: no batching
 * @param gathering how long the first delivery waits for others
 */
public record Batch(int size, Duration gathering) {

    /** No batching. */
    public static final Batch NONE = new Batch(1, Duration.ZERO);

    public Batch {
        Objects.requireNonNull(gathering);
    }
}
