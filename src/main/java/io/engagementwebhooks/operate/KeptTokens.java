package io.engagementwebhooks.operate;

import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.config.VaultFault;
import io.engagementwebhooks.deliver.oauth2.TokenSharing;
import io.engagementwebhooks.store.Store;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores tokens in a shared store, encrypted, under names that reveal no client. A token of another key counts as
 * missing. Thread-safe.
 */
record KeptTokens(Store store, Vault vault) implements TokenSharing {

    private static final Logger LOG = LoggerFactory.getLogger(KeptTokens.class);

    @Override
    public Optional<byte[]> kept(String name) {
        try {
            return store.cluster().claimResult(vault.name(name)).map(vault::unseal);
        } catch (VaultFault e) {
            LOG.debug("a kept token cannot be read, and is asked for", e);
            return Optional.empty();
        }
    }

    @Override
    public void keep(String name, byte[] token) {
        store.cluster().releaseClaim(vault.name(name), vault.seal(token));
    }

    @Override
    public boolean claim(String name, Duration most) {
        return store.cluster().claim(vault.name(name), most);
    }

    @Override
    public void release(String name) {
        store.cluster().releaseClaim(vault.name(name), null);
    }
}
