package io.engagementwebhooks.operate;

import io.engagementwebhooks.console.pages.SignInLink;
import io.engagementwebhooks.store.SettingStore;
import io.engagementwebhooks.store.StoreException;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stores whether the console had a sign-in. Thread-safe. */
final class StoredSignIns implements SignInLink.SignIns {

    private static final Logger LOG = LoggerFactory.getLogger(StoredSignIns.class);
    private static final String NAME = "console-signed-in";

    private final SettingStore settings;

    StoredSignIns(SettingStore settings) {
        this.settings = settings;
    }

    @Override
    public boolean any() {
        return settings.setting(NAME).isPresent();
    }

    /** A failure to store it does not fail the sign-in. */
    @Override
    public void remember() {
        try {
            settings.putIfAbsent(NAME, new byte[] {1}).toCompletableFuture().join();
        } catch (StoreException | CompletionException e) {
            LOG.warn("console.sign-in-not-stored", e);
        }
    }
}
