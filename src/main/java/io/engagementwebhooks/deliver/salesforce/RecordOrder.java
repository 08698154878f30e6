package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.event.EventIdentity;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which event was the newest that each record got, so that an older one does not write over it (semantics 20). It knows
 * the last {@value #KEPT} records of an org that were written by this process. Thread-safe.
 */
final class RecordOrder {

    private static final int KEPT = 10_000;

    private final Map<String, Newest> records = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Newest> eldest) {
            return size() > KEPT;
        }
    };

    /**
     * The newest event that a record got.
     *
     * @param event which, or null: it exists, but not by us as far as we know
     * @param at when it happened
     */
    record Newest(EventIdentity event, Instant at) {}

    /** An event that the record has and that is newer than this one. */
    synchronized Optional<EventIdentity> newerThan(EventIdentity event, Instant at, String record) {
        Newest newest = records.get(record);
        return newest != null
                        && newest.event() != null
                        && !newest.event().equals(event)
                        && newest.at().isAfter(at)
                ? Optional.of(newest.event())
                : Optional.empty();
    }

    /** The record has got an event. */
    synchronized void delivered(EventIdentity event, Instant at, String record) {
        Newest newest = records.get(record);
        if (newest == null || newest.event() == null || !newest.at().isAfter(at)) {
            records.put(record, new Newest(event, at));
        }
    }

    /** The record is there, whoever wrote it. */
    synchronized void found(String record) {
        records.putIfAbsent(record, new Newest(null, Instant.MIN));
    }

    /** Whether the record is known to be there. */
    synchronized boolean exists(String record) {
        return records.containsKey(record);
    }
}
