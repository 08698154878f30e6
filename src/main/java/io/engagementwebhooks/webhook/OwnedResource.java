package io.engagementwebhooks.webhook;

/** A resource that names its account, as all do but keys. */
public sealed interface OwnedResource extends Resource
        permits ContentsquareConnection, EventType, OAuthClient, SalesforceConnection, Webhook {

    String account();
}
