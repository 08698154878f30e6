package io.engagementwebhooks.deliver.salesforce;

/**
 * Cache of records known to exist, so that an upsert omits create-only fields. A refused upsert adds a record that was
 * evicted. Thread-safe.
 *
 * @param org prefix of this org's keys
 * @param records the account's cache
 */
record ExistingRecordCache(String org, RecentSet records) {

    /** Records that it exists. */
    void add(String record) {
        records.add(org + record);
    }

    /** Whether the record is known to exist. */
    boolean contains(String record) {
        return records.contains(org + record);
    }
}
