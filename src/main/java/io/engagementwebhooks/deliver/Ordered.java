package io.engagementwebhooks.deliver;

import io.engagementwebhooks.store.RecordKey;
import java.util.Set;

/**
 * The records of a third party that a delivery writes and that others may write too, so that the order of events matters
 * (semantics 20).
 *
 * @param records at least one
 * @param andMore whether it writes something besides, so that it goes on where each of these has a newer event
 */
public record Ordered(Set<RecordKey> records, boolean andMore) {

    public Ordered {
        records = Set.copyOf(records);
    }

    /** One record and nothing else. */
    public static Ordered one(RecordKey record) {
        return new Ordered(Set.of(record), false);
    }
}
