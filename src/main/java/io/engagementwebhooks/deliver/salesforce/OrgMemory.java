package io.engagementwebhooks.deliver.salesforce;

import java.time.Clock;

/**
 * What is remembered of an org while it is set up, also when nothing is open to it.
 *
 * @param usage how many requests it has left
 * @param order which event each record got last
 * @param contended what could not be locked lately
 * @param turns who writes to which record
 */
record OrgMemory(OrgUsage usage, RecordOrder order, ContendedParents contended, Turns turns) {

    static OrgMemory empty(Clock clock) {
        return new OrgMemory(new OrgUsage(clock), new RecordOrder(), new ContendedParents(clock), new Turns());
    }
}
