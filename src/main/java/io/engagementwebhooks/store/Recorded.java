package io.engagementwebhooks.store;

import java.time.Instant;

/**
 * What came of a try's record beside what it says.
 *
 * @param next when the next delivery of its FIFO key may go; null: there is none, or it is not to go yet
 * @param disabled why its webhook is disabled by it, since it has failed for too long, or null
 */
public record Recorded(Instant next, String disabled) {

    /** Nothing. */
    public static final Recorded ALONE = new Recorded(null, null);
}
