package io.engagementwebhooks.operate;

import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.webhook.config.Vault;
import io.engagementwebhooks.webhook.config.VaultFault;
import java.util.function.Consumer;

/**
 * Changes the key of a store: {@code --rekey}. At any kill, one key opens everything, and the next start finds out
 * which. The new key is on the disk before the store refers to it; the store changes over in one transaction; then
 * the new key's file replaces the old one. For one use, while nothing else uses the store.
 */
final class Rekeying {

    /** The steps, in order. */
    enum Step {
        /** The new key is on the disk; the store has the old one. */
        NEW_KEY_WRITTEN,
        /** The store has the new key. */
        STORE_RESEALED,
        /** The new key's file is where it belongs. */
        KEY_IN_PLACE,
        /** The store holds nothing any more that the old key opens. */
        OLD_OVERWRITTEN
    }

    private final StoreKey key;
    private final Store store;
    private final Consumer<Step> onStep;

    /** @param onStep called after each step */
    Rekeying(StoreKey key, Store store, Consumer<Step> onStep) {
        this.key = key;
        this.store = store;
        this.onStep = onStep;
    }

    /**
     * Carries it out. A given new key that the store has already, after one that was killed, is no fault.
     *
     * @return the id of the new key
     * @throws VaultFault if the present key is not the store's, or there is no new one
     */
    String run() {
        Vault old = key.open();
        Vault fresh = key.newKey();
        onStep.accept(Step.NEW_KEY_WRITTEN);
        if (!fresh.keyId().equals(old.keyId())) {
            key.reseal(old, fresh);
        }
        onStep.accept(Step.STORE_RESEALED);
        key.putInPlace();
        onStep.accept(Step.KEY_IN_PLACE);
        store.rewrite();
        onStep.accept(Step.OLD_OVERWRITTEN);
        return fresh.keyId();
    }
}
