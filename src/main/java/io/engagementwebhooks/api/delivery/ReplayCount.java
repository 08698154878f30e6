package io.engagementwebhooks.api.delivery;

import java.util.List;

/**
 * Number of deliveries that a replay would send.
 *
 * @param matched deliveries that match and can be replayed: ended, payload stored, webhook configured
 * @param exact false: counting stopped at a limit, there are more
 * @param webhooks those with most deliveries first; at most twenty
 */
public record ReplayCount(long matched, boolean exact, List<OfWebhook> webhooks) {

    /** Deliveries of a webhook. */
    public record OfWebhook(String webhook, String webhookId, long deliveries) {}
}
