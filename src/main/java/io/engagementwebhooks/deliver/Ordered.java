package io.engagementwebhooks.deliver;

import io.engagementwebhooks.store.RecordKey;
import java.util.Set;

/**
 * Records of a third party that a delivery and others write, so that the order of events matters (semantics 20).
 *
 * @param records at least one
 * @param andMore whether it writes something besides, so that it continues where each of these has a newer event
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
