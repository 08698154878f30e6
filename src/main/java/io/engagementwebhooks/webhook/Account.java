package io.engagementwebhooks.webhook;

import java.util.List;
import java.util.Objects;

/**
 * A customer. Every other resource belongs to one, and no request crosses accounts.
 *
 * @param apiKeys its API keys
 * @param signingKeys newest first; each signs while it is valid, unless a webhook selects others
 */
public record Account(String id, List<ApiKey> apiKeys, List<SigningKey> signingKeys) {

    public Account {
        Objects.requireNonNull(id);
        apiKeys = List.copyOf(apiKeys);
        signingKeys = List.copyOf(signingKeys);
    }
}
