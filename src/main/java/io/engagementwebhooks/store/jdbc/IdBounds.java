package io.engagementwebhooks.store.jdbc;

import com.github.f4b6a3.ulid.Ulid;
import java.time.Duration;
import java.time.Instant;

/** Bounds of delivery ids by time. */
public final class IdBounds {

    /** Sorts after every ULID: their first character is at most 7. */
    public static final String AFTER_ALL = "8";

    /** How far the time in an id may be before the time of acceptance. */
    private static final Duration DRIFT = Duration.ofMinutes(1);

    private IdBounds() {}

    /** A lower bound of the ids of deliveries accepted at or after a time, or null. */
    public static String first(Instant from) {
        return from == null
                ? null
                : Ulid.min(Math.max(0, from.minus(DRIFT).toEpochMilli())).toString();
    }

    /** An upper bound of the ids of deliveries accepted before a time, or null. */
    public static String last(Instant to) {
        return to == null
                ? null
                : Ulid.max(Math.max(0, to.plus(DRIFT).toEpochMilli())).toString();
    }
}
