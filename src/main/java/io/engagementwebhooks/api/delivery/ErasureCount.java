package io.engagementwebhooks.api.delivery;

/**
 * What an erasure would erase.
 *
 * @param pending deliveries that it would cancel
 * @param unsearched events whose payload has expired, in which a field of the data is not found
 * @param exact false: the count took too long, and there may be more
 */
public record ErasureCount(long events, long deliveries, long pending, long unsearched, boolean exact) {}
