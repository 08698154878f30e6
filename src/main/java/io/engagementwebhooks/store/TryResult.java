package io.engagementwebhooks.store;

import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.Objects;

/**
 * What is written when a try has ended.
 *
 * @param delivery the delivery's id
 * @param webhook its webhook
 * @param state where it stands now
 * @param reason our words for it
 * @param dueAt when it is tried again, or null: it has ended
 * @param attempt the attempt, or null: nothing was sent, and nothing but state, reason and due time changes
 * @param holdWebhookUntil the receiver asked for a pause until then, or null
 * @param disableWebhook why the webhook is disabled by this, or null
 */
public record TryResult(
        String delivery,
        WebhookId webhook,
        DeliveryState state,
        String reason,
        Instant dueAt,
        AttemptRow attempt,
        Instant holdWebhookUntil,
        String disableWebhook) {

    public TryResult {
        Objects.requireNonNull(delivery);
        Objects.requireNonNull(webhook);
        Objects.requireNonNull(state);
        Objects.requireNonNull(reason);
    }
}
