package io.engagementwebhooks.deliver.salesforce;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Records that are known to exist, so that an upsert leaves out what can be set only when a record is made. It knows the
 * last {@value #KEPT} of an org; one that it does not know is found out by a refusal. Thread-safe.
 */
final class KnownRecords {

    private static final int KEPT = 10_000;

    private final Map<String, Boolean> records = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > KEPT;
        }
    };

    /** The record is there, whoever wrote it. */
    synchronized void found(String record) {
        records.put(record, true);
    }

    /** Whether the record is known to be there. */
    synchronized boolean exist(String record) {
        return records.containsKey(record);
    }
}
