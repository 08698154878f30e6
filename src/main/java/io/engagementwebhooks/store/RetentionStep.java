package io.engagementwebhooks.store;

/**
 * What a retention step removed.
 *
 * @param payloads payloads removed
 * @param attempts attempts removed
 * @param events events removed
 * @param gaveUp deliveries that had waited too long
 * @param more whether another step would find more
 */
public record RetentionStep(int payloads, int attempts, int events, int gaveUp, boolean more) {}
