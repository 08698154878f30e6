package io.engagementwebhooks.console;

import io.engagementwebhooks.store.IdentityStore;
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
record WebhookFinder(Supplier<Config> config, IdentityStore identities) {

    Optional<WebhookId> find(String account, String idOrName) {
        return config.get().webhook(account, idOrName).map(Webhook::id).or(() -> identities.webhook(account, idOrName));
    }

    /** The id for a filter; an unknown name matches nothing. @param idOrName null: any webhook */
    String filter(String account, String idOrName) {
        return idOrName == null
                ? null
                : find(account, idOrName).map(WebhookId::id).orElse(idOrName);
    }
}
