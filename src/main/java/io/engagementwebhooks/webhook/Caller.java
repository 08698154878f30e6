package io.engagementwebhooks.webhook;

import java.util.Objects;

/**
 * An authenticated caller of the API.
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
