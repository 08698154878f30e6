package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.KeyedLocks;
import java.time.Clock;
import java.util.Comparator;

/**
 * Caches of a configured org, kept while no connection to it is open.
 *
 * @param usage its used API requests
 * @param existing records known to exist
 * @param unanswered ids of the account's deliveries with an attempt without response, which may have been processed
 * @param contended parents with lock contention
 * @param parentLocks locks on parent records
 */
record OrgCaches(
        OrgUsage usage,
        ExistingRecordCache existing,
        RecentSet unanswered,
        LockContentionTracker contended,
        KeyedLocks<String> parentLocks) {

    /** The most waiting calls per parent record; further ones wait in the outbox. */
    private static final int MOST_WAITING = 16;

    /**
     * Caches shared by all orgs of an account, so that more orgs use no more memory.
     *
     * @param records records known to exist
     * @param unanswered see {@link OrgCaches}
     */
    record AccountCaches(RecentSet records, RecentSet unanswered) {

        static AccountCaches empty() {
            return new AccountCaches(new RecentSet(), new RecentSet());
        }
    }

    /** @param org the org's key in its account */
    static OrgCaches empty(String org, AccountCaches account, Clock clock) {
        return new OrgCaches(
                new OrgUsage(clock),
                new ExistingRecordCache(org, account.records()),
                account.unanswered(),
                new LockContentionTracker(clock),
                new KeyedLocks<>(Comparator.naturalOrder(), MOST_WAITING));
    }
}
