package io.engagementwebhooks.deliver.salesforce;

/**
 * Status of an org.
 *
 * @param session its session
 * @param limits its limits
 * @param objects descriptions of its objects
 * @param memory what outlives all that
 */
record OrgState(OrgSession session, OrgLimits limits, OrgObjects objects, OrgCaches memory) {}
