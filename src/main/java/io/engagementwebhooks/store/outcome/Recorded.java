package io.engagementwebhooks.store.outcome;

import java.time.Instant;

/**
 * The consequences of recording an attempt.
 *
 * @param nextDueAt when the next delivery of its FIFO key is due; null: there is none, or it is still blocked
 * @param disableReason why recording it disabled the webhook, or null
 * @param hasChanged whether anything was changed: false if the delivery had ended before, for example canceled
 */
public record Recorded(Instant nextDueAt, String disableReason, boolean hasChanged) {

    /** The delivery had ended before: nothing was changed. */
    public static final Recorded UNCHANGED = new Recorded(null, null, false);

    public Recorded(Instant nextDueAt, String disableReason) {
        this(nextDueAt, disableReason, true);
    }
}
