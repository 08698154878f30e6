package io.engagementwebhooks.deliver.step;

import io.engagementwebhooks.store.outcome.RecordKey;
import java.util.Set;

/**
 * Records that several deliveries write, so that the order of events matters (semantics 20).
 *
 * @param records at least one
 * @param writesOthers whether the delivery also writes other data, so that it continues if each of these records has a newer
 *     event
 */
public record OrderedRecords(Set<RecordKey> records, boolean writesOthers) {

    public OrderedRecords {
        records = Set.copyOf(records);
    }

    /** One record and nothing else. */
    public static OrderedRecords one(RecordKey record) {
        return new OrderedRecords(Set.of(record), false);
    }
}
