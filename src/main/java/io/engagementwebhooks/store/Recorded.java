package io.engagementwebhooks.store;

import java.time.Instant;

/**
 * The consequences of recording an attempt.
 *
 * @param next when the next delivery of its FIFO key is due; null: there is none, or it is still blocked
 * @param disabled why recording it disabled the webhook, or null
 */
public record Recorded(Instant next, String disabled) {

    /** No consequences. */
    public static final Recorded ALONE = new Recorded(null, null);
}
