package io.engagementwebhooks.store.definition;

import java.util.Objects;

/**
 * The name of a configured resource, such as a webhook. It can move to another resource; {@link IdentityStore} has the
 * ids.
 *
 * @param account its account
 * @param kind its kind, such as webhook
 * @param name unique per account and kind
 */
public record ResourceName(String account, String kind, String name) {

    public ResourceName {
        Objects.requireNonNull(account);
        Objects.requireNonNull(kind);
        Objects.requireNonNull(name);
    }
}
