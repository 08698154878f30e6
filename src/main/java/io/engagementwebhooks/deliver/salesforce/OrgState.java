package io.engagementwebhooks.deliver.salesforce;

/**
 * The parts of an org that deliveries use.
 *
 * @param session its session
 * @param limits its limits
 * @param objects descriptions of its objects
 * @param caches caches that outlive the session
 */
record OrgState(OrgSession session, OrgLimits limits, OrgObjects objects, OrgCaches caches) {}
