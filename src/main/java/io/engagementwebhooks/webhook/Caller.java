package io.engagementwebhooks.webhook;

import java.util.Objects;

/**
 * Who calls our API.
 *
 * @param account the account the key belongs to
 * @param key the key that was presented
 */
public record Caller(Account account, ApiKey key) {

    public Caller {
        Objects.requireNonNull(account);
        Objects.requireNonNull(key);
    }
}
