package io.engagementwebhooks.store;

import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;

/**
 * A webhook with waiting deliveries.
 *
 * @param webhook the webhook
 * @param count how many wait
 * @param firstDue when the first is due
 */
public record WaitingWebhook(WebhookId webhook, long count, Instant firstDue) {}
