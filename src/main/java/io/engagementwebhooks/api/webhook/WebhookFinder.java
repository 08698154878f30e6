package io.engagementwebhooks.api.webhook;

import io.engagementwebhooks.store.definition.IdentityStore;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Finds webhooks of an account by id or name, configured or not. Thread-safe.
 *
 * @param config the active configuration
 * @param identities has deleted webhooks too
 */
public record WebhookFinder(Supplier<Config> config, IdentityStore identities) {

    public Optional<WebhookId> find(String account, String idOrName) {
        return config.get().webhook(account, idOrName).map(Webhook::id).or(() -> identities.webhook(account, idOrName));
    }

    /** The id for a filter; an unknown name matches nothing. @param idOrName null: any webhook */
    public String filter(String account, String idOrName) {
        return idOrName == null
                ? null
                : find(account, idOrName).map(WebhookId::id).orElse(idOrName);
    }
}
