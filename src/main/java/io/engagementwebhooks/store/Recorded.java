package io.engagementwebhooks.store;

import java.time.Instant;

/**
 * The consequences of recording an attempt.
 *
 * @param nextDueAt when the next delivery of its FIFO key is due; null: there is none, or it is still blocked
 * @param disableReason why recording it disabled the webhook, or null
 */
public record Recorded(Instant nextDueAt, String disableReason) {

    /** No consequences. */
    public static final Recorded NONE = new Recorded(null, null);
}
