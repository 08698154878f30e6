package io.engagementwebhooks.deliver.salesforce;

/**
 * What is remembered of an org between calls.
 *
 * @param session its session
 * @param limits its limits
 */
record OrgState(OrgSession session, OrgLimits limits) {}
