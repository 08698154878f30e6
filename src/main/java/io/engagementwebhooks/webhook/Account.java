package io.engagementwebhooks.webhook;

import java.util.List;
import java.util.Objects;

/**
 * A customer. Every other resource belongs to one, and no request crosses accounts.
 *
 * @param id its id
 * @param apiKeys who may call us for it
 * @param signingKeys newest first; each signs while it is valid, unless a webhook names others
 */
public record Account(String id, List<ApiKey> apiKeys, List<SigningKey> signingKeys) {

    public Account {
        Objects.requireNonNull(id);
        apiKeys = List.copyOf(apiKeys);
        signingKeys = List.copyOf(signingKeys);
    }
}
