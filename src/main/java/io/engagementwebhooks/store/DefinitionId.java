package io.engagementwebhooks.store;

import java.util.Objects;

/**
 * What something that was set up by the API is known by.
 *
 * @param account its account
 * @param kind what it is, such as webhook
 * @param name unique among those of its kind in the account
 */
public record DefinitionId(String account, String kind, String name) {

    public DefinitionId {
        Objects.requireNonNull(account);
        Objects.requireNonNull(kind);
        Objects.requireNonNull(name);
    }
}
