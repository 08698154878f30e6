package io.engagementwebhooks.store.due;

import io.engagementwebhooks.store.due.DueStore.Waiting;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Instant;
import java.util.Set;

/**
 * A search for due deliveries of a webhook.
 *
 * @param webhook the webhook
 * @param kind which attempts
 * @param after begins after this one, in due order
 * @param at due at or before this
 * @param limit the most to return
 * @param without ids to leave out
 */
public record DueSearch(
        WebhookId webhook, AttemptKind kind, Waiting after, Instant at, int limit, Set<String> without) {}
