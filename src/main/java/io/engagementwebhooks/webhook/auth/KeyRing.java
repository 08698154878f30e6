package io.engagementwebhooks.webhook.auth;

import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Caller;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All accounts' API keys, found by the first bytes of their hash and then compared whole in constant time. So timing
 * reveals only parts of a hash, which an attacker cannot control. Immutable and thread-safe.
 */
public final class KeyRing {

    private final Map<Long, List<Caller>> callers = new HashMap<>();

    public KeyRing(Collection<Account> accounts) {
        for (Account account : accounts) {
            for (ApiKey key : account.apiKeys()) {
                callers.computeIfAbsent(slot(key.sha256()), slot -> new ArrayList<>(1))
                        .add(new Caller(account, key));
            }
        }
    }

    public Optional<Caller> caller(String presentedKey) {
        byte[] hash = ApiKey.hash(presentedKey);
        for (Caller caller : callers.getOrDefault(slot(hash), List.of())) {
            if (caller.key().is(hash)) {
                return Optional.of(caller);
            }
        }
        return Optional.empty();
    }

    private static long slot(byte[] sha256) {
        return ByteBuffer.wrap(sha256).getLong();
    }
}
