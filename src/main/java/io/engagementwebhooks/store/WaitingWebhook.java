package io.engagementwebhooks.store;

import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;

/**
 * A webhook with waiting deliveries.
 *
 * @param webhook the webhook
 * @param firstDue when the first is due
 */
public record WaitingWebhook(WebhookId webhook, Instant firstDue) {}
