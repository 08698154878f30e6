package io.engagementwebhooks.console;

/**
 * Queued deliveries of a webhook that were released or discarded together.
 *
 * @param deliveries how many
 * @param more whether others are left
 */
public record HandledView(String webhook, String webhookId, long deliveries, boolean more) {}
