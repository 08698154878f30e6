package io.engagementwebhooks.api.webhook;

import io.engagementwebhooks.api.delivery.WaitingForView;

/**
 * A webhook with queued deliveries.
 *
 * @param deliveries their number
 * @param configured whether the webhook has a definition
 * @param first the next delivery, or null
 * @param waitingFor what that waits for, or null
 */
public record WaitingWebhookView(
        String webhook,
        String webhookId,
        long deliveries,
        boolean configured,
        String first,
        WaitingForView waitingFor) {}
