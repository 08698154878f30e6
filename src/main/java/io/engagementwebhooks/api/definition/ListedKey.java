package io.engagementwebhooks.api.definition;

import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.SigningKey;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.signing.Signing;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A signing key and its owner.
 *
 * @param key the key
 * @param webhook the webhook that owns it; empty: the account
 */
record ListedKey(SigningKey key, Optional<String> webhook) {

    /** All keys of an account and its webhooks; none for an unknown account. */
    static Collection<ListedKey> of(Config config, String account) {
        Map<String, ListedKey> byId = new LinkedHashMap<>();
        config.account(account)
                .map(Account::signingKeys)
                .orElse(List.of())
                .forEach(key -> byId.put(key.id(), new ListedKey(key, Optional.empty())));
        for (Webhook webhook : config.webhooks(account)) {
            Signing signing = webhook.delivery().target().signing();
            if (!signing.ofAccount()) {
                signing.keys()
                        .forEach(key -> byId.putIfAbsent(key.id(), new ListedKey(key, Optional.of(webhook.name()))));
            }
        }
        return byId.values();
    }
}
