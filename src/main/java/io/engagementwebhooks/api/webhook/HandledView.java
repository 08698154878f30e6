package io.engagementwebhooks.api.webhook;

/**
 * Result of retrying or discarding the queued deliveries of a webhook.
 *
 * @param deliveries number of changed deliveries
 * @param more whether there are more
 */
public record HandledView(String webhook, String webhookId, long deliveries, boolean more) {}
