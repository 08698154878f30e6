package io.engagementwebhooks.deliver.salesforce;

import java.time.Clock;

/**
 * Caches of a configured org, kept while no connection to it is open.
 *
 * @param usage how many requests it has left
 * @param known which records exist
 * @param unanswered ids of deliveries of the account with an attempt whose answer did not come: it may have arrived
 * @param contended what could not be locked lately
 * @param turns who writes to which record
 */
record OrgCaches(
        OrgUsage usage,
        ExistingRecordCache known,
        RecentSet unanswered,
        LockContentionTracker contended,
        ParentLocks turns) {

    /**
     * What all orgs of one account share: the account's number of orgs does not multiply it.
     *
     * @param records those that are known to exist
     * @param unanswered see {@link OrgCaches}
     */
    record OfAccount(RecentSet records, RecentSet unanswered) {

        static OfAccount empty() {
            return new OfAccount(new RecentSet(), new RecentSet());
        }
    }

    /** @param org the org's key in its account */
    static OrgCaches empty(String org, OfAccount account, Clock clock) {
        return new OrgCaches(
                new OrgUsage(clock),
                new ExistingRecordCache(org, account.records()),
                account.unanswered(),
                new LockContentionTracker(clock),
                new ParentLocks());
    }
}
