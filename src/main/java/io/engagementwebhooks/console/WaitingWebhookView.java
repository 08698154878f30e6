package io.engagementwebhooks.console;

/**
 * A webhook with queued deliveries.
 *
 * @param deliveries how many are queued
 * @param configured whether it has a definition
 * @param first the delivery that is next, or null
 * @param waitingFor what that waits for, or null
 */
public record WaitingWebhookView(
        String webhook,
        String webhookId,
        long deliveries,
        boolean configured,
        String first,
        WaitingForView waitingFor) {}
