package io.engagementwebhooks.deliver.salesforce;

/**
 * Cache of records known to exist, so that an upsert omits fields that only a creation may set. A refusal reveals a
 * record that the cache no longer holds. Thread-safe.
 *
 * @param org prefix of the keys of this org's records
 * @param records those of the account
 */
record ExistingRecordCache(String org, RecentSet records) {

    /** Notes that the record exists. */
    void found(String record) {
        records.add(org + record);
    }

    /** Whether the record is known to be there. */
    boolean exist(String record) {
        return records.contains(org + record);
    }
}
