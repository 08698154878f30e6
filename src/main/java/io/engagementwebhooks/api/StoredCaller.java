package io.engagementwebhooks.api;

import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.Actor;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Caller;
import java.util.List;

/**
 * A caller as JSON, without the key. Immutable.
 *
 * @param account id of the account
 * @param name of the key
 * @param role of the key
 * @param sha256 of the key
 * @param kind of the actor
 * @param actor id of the actor, or null
 */
public record StoredCaller(String account, String name, ApiKey.Role role, byte[] sha256, String kind, String actor) {

    public static StoredCaller of(Caller caller) {
        ApiKey key = caller.key();
        return new StoredCaller(
                caller.account().id(),
                key.name(),
                key.role(),
                key.sha256(),
                key.actor().kind(),
                key.actor().id());
    }

    /** The caller as it was stored: its account is empty. */
    public Caller caller() {
        ApiKey key = new ApiKey(name, role, sha256, null, new Actor(kind, actor, name));
        return new Caller(new Account(account, List.of(), List.of()), key);
    }
}
