package io.engagementwebhooks.operate;

import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.config.VaultFault;
import io.engagementwebhooks.server.KeyUse;
import io.engagementwebhooks.store.Store;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Time of the last use of each API key, as a setting of the store. Encrypted, since a thief of the store could test
 * guesses of weak keys on their hashes.
 */
record SealedKeyUse(Store store, Vault vault) implements KeyUse.Storage {

    private static final Logger LOG = LoggerFactory.getLogger(SealedKeyUse.class);

    @Override
    public Optional<byte[]> load() {
        try {
            return store.settings().setting(ActiveConfig.KEY_USE).map(vault::unseal);
        } catch (VaultFault e) {
            LOG.warn("key-use.unreadable: the last use of API keys is recorded from now on: {}", e.getMessage());
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
