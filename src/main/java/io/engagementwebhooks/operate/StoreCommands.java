package io.engagementwebhooks.operate;

import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.webhook.setup.VaultFault;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;

/**
 * What is done to the store of a stopped product. Each holds the store's lock, so that nobody else can use it meanwhile.
 * {@link StoreException} and {@link VaultFault} say what is wrong and the way out.
 */
final class StoreCommands {

    private final Settings settings;
    private final PrintStream out;

    StoreCommands(Settings settings, PrintStream out) {
        this.settings = settings;
        this.out = out;
    }

    /** {@code --rekey}. */
    void rekey() {
        try (SqliteStore store = existing()) {
            StoreKey key = new StoreKey(settings, store, new SecureRandom());
            String id = new Rekeying(key, store, this::tell).run();
            out.println("the store has key " + id + "; back it up with the store");
            settings.secret(Settings.NEXT_STORE_KEY)
                    .ifPresent(given -> out.println("now give that key as " + Settings.STORE_KEY + ", and "
                            + Settings.NEXT_STORE_KEY + " no more"));
        }
    }

    private void tell(Rekeying.Step step) {
        if (step == Rekeying.Step.KEY_IN_PLACE) {
            out.println("writing the store anew, so that nothing sealed with the old key is left in it");
        }
    }

    /** {@code --forget-sealed}. */
    void forgetSealed() {
        try (SqliteStore store = existing()) {
            String forgotten = new StoreKey(settings, store, new SecureRandom())
                    .forget()
                    .map(id -> "what was sealed with key " + id + " is dropped")
                    .orElse("nothing was sealed");
            out.println(forgotten + "; the next start reads "
                    + SetUpInUse.source(settings).file() + " anew, which must be without faults then");
        }
    }

    private SqliteStore existing() {
        Path file = settings.storeFile();
        if (!Files.exists(file)) {
            throw new StoreException(
                    "there is no store " + file + "; run this where the product runs, with its settings", null);
        }
        return SqliteStore.open(file, Clock.systemUTC());
    }
}
