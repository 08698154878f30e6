package io.engagementwebhooks.webhook;

/**
 * What a webhook is known by: names are unique within their account only.
 *
 * @param account the account's id
 * @param name the webhook's name
 */
public record WebhookId(String account, String name) {}
