package io.engagementwebhooks.store.due;

import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;

/**
 * A webhook with pending deliveries.
 *
 * @param webhook the webhook
 * @param firstDue the earliest due time
 */
public record WaitingWebhook(WebhookId webhook, Instant firstDue) {}
