package io.engagementwebhooks.deliver.salesforce;

import java.time.Clock;

/**
 * What is remembered of an org while it is set up, also when nothing is open to it.
 *
 * @param usage how many requests it has left
 * @param known which records exist
 * @param contended what could not be locked lately
 * @param turns who writes to which record
 */
record OrgMemory(OrgUsage usage, KnownRecords known, ContendedParents contended, ParentTurns turns) {

    static OrgMemory empty(Clock clock) {
        return new OrgMemory(new OrgUsage(clock), new KnownRecords(), new ContendedParents(clock), new ParentTurns());
    }
}
