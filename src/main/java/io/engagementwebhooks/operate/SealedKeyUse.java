package io.engagementwebhooks.operate;

import io.engagementwebhooks.server.KeyUse;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.webhook.setup.Vault;
import java.util.Optional;

/**
 * When API keys were last used, as a small thing of the store. Sealed, for whoever steals the store could try his guesses
 * of weak keys on their hashes.
 */
record SealedKeyUse(Store store, Vault vault) implements KeyUse.Kept {

    @Override
    public Optional<byte[]> load() {
        return store.setting(SetUpInUse.KEY_USE).map(vault::unseal);
    }

    @Override
    public void save(byte[] use) {
        store.setting(SetUpInUse.KEY_USE, vault.seal(use)).toCompletableFuture().join();
    }
}
