package io.engagementwebhooks.deliver.salesforce;

/**
 * Records that are known to exist, so that an upsert leaves out what can be set only when a record is made. One that was
 * forgotten is found out by a refusal. Thread-safe.
 *
 * @param org what tells the records of this org from others of its account
 * @param records those of the account
 */
record ExistingRecordCache(String org, RecentSet records) {

    /** The record is there, whoever wrote it. */
    void found(String record) {
        records.add(org + record);
    }

    /** Whether the record is known to be there. */
    boolean exist(String record) {
        return records.contains(org + record);
    }
}
