package io.engagementwebhooks.event;

import java.util.Objects;

/**
 * What makes two events the same one: the account (from the key), the source and the id the sender gave.
 *
 * @param account the account's id
 * @param source the CloudEvents source
 * @param id the CloudEvents id
 */
public record EventIdentity(String account, String source, String id) {

    public EventIdentity {
        Objects.requireNonNull(account);
        Objects.requireNonNull(source);
        Objects.requireNonNull(id);
    }
}
