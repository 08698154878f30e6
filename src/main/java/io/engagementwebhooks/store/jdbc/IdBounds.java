package io.engagementwebhooks.store.jdbc;

import com.github.f4b6a3.ulid.Ulid;
import java.time.Duration;
import java.time.Instant;

/** Bounds of delivery ids by time. */
final class IdBounds {

    /** How far the time in an id may be from the time of acceptance: ids are made before, and never go back. */
    private static final Duration DRIFT = Duration.ofMinutes(1);

    private IdBounds() {}

    /** An id that no delivery accepted at or after a time is below, or null. */
    static String first(Instant from) {
        return from == null
                ? null
                : Ulid.min(Math.max(0, from.minus(DRIFT).toEpochMilli())).toString();
    }

    /** An id that no delivery accepted before a time is above, or null. */
    static String last(Instant to) {
        return to == null
                ? null
                : Ulid.max(Math.max(0, to.plus(DRIFT).toEpochMilli())).toString();
    }
}
