package io.engagementwebhooks.webhook;

/** A resource of an account, which a definition describes. */
public sealed interface Resource permits ApiKey, SigningKey, OwnedResource {

    ResourceKind kind();

    /** Unique among those of its kind in the account. */
    String name();
}
