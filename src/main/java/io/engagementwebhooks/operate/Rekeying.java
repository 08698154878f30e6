package io.engagementwebhooks.operate;

import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.config.VaultFault;
import io.engagementwebhooks.store.Store;
import java.util.function.Consumer;

/**
 * Changes the key of a store: {@code --rekey}. After a kill at any time, one key decrypts everything, and the next
 * start finds out which: the new key is synced to disk before the store uses it, the store changes in one transaction,
 * then the new key's file replaces the old one. Single use, without other users of the store.
 *
 * @param onStep called after each step
 */
record Rekeying(StoreKey key, Store store, Consumer<Step> onStep) {

    /** The steps, in order. */
    enum Step {
        /** The new key is on disk; the store uses the old one. */
        NEW_KEY_WRITTEN,
        /** The store uses the new key. */
        STORE_RESEALED,
        /** The new key's file has replaced the old one. */
        KEY_IN_PLACE,
        /** The store has no data that the old key decrypts. */
        OLD_OVERWRITTEN
    }

    /**
     * Changes the key. Accepts that the store already uses the new key, after an interrupted run.
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
