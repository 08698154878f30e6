package io.engagementwebhooks.store;

/**
 * The answer to an accepted event.
 *
 * @param eventId the CloudEvents id
 * @param deliveries how many deliveries it has
 * @param duplicate whether it was there already
 */
public record Accepted(String eventId, int deliveries, boolean duplicate) {}
