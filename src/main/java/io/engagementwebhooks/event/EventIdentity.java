package io.engagementwebhooks.event;

import java.util.Objects;

/**
 * The identity of an event: two events with equal account, source and id are the same.
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
