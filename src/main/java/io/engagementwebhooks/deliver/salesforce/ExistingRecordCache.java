package io.engagementwebhooks.deliver.salesforce;

/**
 * Records that are known to exist, so that an upsert leaves out what can be set only when a record is made. One that was
 * forgotten is found out by a refusal. Thread-safe.
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
