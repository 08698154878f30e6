package io.engagementwebhooks.store;

import java.util.Objects;

/**
 * The name of a configured resource, such as a webhook. It can move to another resource; {@link IdentityStore} has the ids.
 *
 * @param account its account
 * @param kind what it is, such as webhook
 * @param name unique among those of its kind in the account
 */
public record ResourceName(String account, String kind, String name) {

    public ResourceName {
        Objects.requireNonNull(account);
        Objects.requireNonNull(kind);
        Objects.requireNonNull(name);
    }
}
