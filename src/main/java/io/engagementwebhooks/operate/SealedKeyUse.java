package io.engagementwebhooks.operate;

import io.engagementwebhooks.server.KeyUse;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.webhook.config.Vault;
import io.engagementwebhooks.webhook.config.VaultFault;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When API keys were last used, as a small thing of the store. Sealed, for whoever steals the store could try his guesses
 * of weak keys on their hashes.
 */
record SealedKeyUse(Store store, Vault vault) implements KeyUse.Kept {

    private static final Logger LOG = LoggerFactory.getLogger(SealedKeyUse.class);

    @Override
    public Optional<byte[]> load() {
        try {
            return store.settings().setting(ActiveConfig.KEY_USE).map(vault::unseal);
        } catch (VaultFault e) {
            LOG.warn("when API keys were last used cannot be read, and is noted from now on: {}", e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public void save(byte[] use) {
        store.settings()
                .setting(ActiveConfig.KEY_USE, vault.seal(use))
                .toCompletableFuture()
                .join();
    }
}
