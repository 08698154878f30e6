package io.engagementwebhooks.config.read;

import io.engagementwebhooks.webhook.Resource;
import io.engagementwebhooks.webhook.SigningKey;
import io.engagementwebhooks.webhook.Webhook;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** Existing resources of an account: valid references and used names for new definitions. Not thread-safe. */
public final class AccountResources {

    private final String account;
    private final String replaced;
    private final Map<Class<?>, Map<String, Resource>> byType = new HashMap<>();
    private final Set<String> ownKeys = new LinkedHashSet<>();

    public AccountResources(String account) {
        this(account, "");
    }

    /** @param replaced the name of the definition that another one replaces; empty: none */
    public AccountResources(String account, String replaced) {
        this.account = account;
        this.replaced = replaced;
    }

    public String replaced() {
        return replaced;
    }

    public String account() {
        return account;
    }

    /** Adds an existing resource. */
    public AccountResources add(Resource resource) {
        ofType(resource.getClass()).put(resource.name(), resource);
        if (resource instanceof Webhook webhook) {
            Set<String> ofAccount = names(SigningKey.class);
            webhook.delivery().target().signing().keys().stream()
                    .map(SigningKey::id)
                    .filter(id -> !ofAccount.contains(id))
                    .forEach(ownKeys::add);
        }
        return this;
    }

    private Map<String, Resource> ofType(Class<?> type) {
        return byType.computeIfAbsent(type, none -> new LinkedHashMap<>());
    }

    /** Frees the id of a signing key, although webhooks use one with that id. */
    public void free(String signingKey) {
        ownKeys.remove(signingKey);
    }

    /** Frees the name of an existing webhook. */
    public AccountResources freeWebhook(String name) {
        ofType(Webhook.class).remove(name);
        return this;
    }

    /** Those of a type by their names; of signing keys, those of the account without those of single webhooks. */
    @SuppressWarnings("unchecked") // each is kept under its own class
    <T extends Resource> Map<String, T> of(Class<T> type) {
        return (Map<String, T>) ofType(type);
    }

    public Set<String> names(Class<? extends Resource> type) {
        return ofType(type).keySet();
    }

    /** The signing keys of the account. */
    public Collection<SigningKey> signingKeys() {
        return of(SigningKey.class).values();
    }

    /** The ids of signing keys of single webhooks. */
    Set<String> ownKeys() {
        return ownKeys;
    }
}
