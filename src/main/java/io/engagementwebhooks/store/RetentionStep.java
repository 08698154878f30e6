package io.engagementwebhooks.store;

/**
 * The result of a retention step.
 *
 * @param payloads payloads removed
 * @param attempts attempts removed
 * @param events events removed
 * @param gaveUp pending deliveries that expired
 * @param more whether there is more to remove
 */
public record RetentionStep(int payloads, int attempts, int events, int gaveUp, boolean more) {}
