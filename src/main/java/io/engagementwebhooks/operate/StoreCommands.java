package io.engagementwebhooks.operate;

import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.postgres.PostgresAddress;
import io.engagementwebhooks.store.postgres.PostgresStore;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.webhook.setup.VaultFault;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Optional;

/**
 * What is done to the store of a stopped product. Of an embedded store each holds the lock, so that nobody else can use it
 * meanwhile; of a shared one it is looked whether somebody runs.
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
        try (Store store = existing()) {
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
        try (Store store = existing()) {
            String forgotten = new StoreKey(settings, store, new SecureRandom())
                    .forget()
                    .map(id -> "what was sealed with key " + id + " is dropped")
                    .orElse("nothing was sealed");
            out.println(forgotten + "; the next start reads "
                    + SetUpInUse.source(settings).file() + " anew, which must be without faults then");
        }
    }

    private Store existing() {
        Optional<PostgresAddress> postgres = settings.postgres();
        if (postgres.isPresent()) {
            return stopped(PostgresStore.open(postgres.get(), Clock.systemUTC()));
        }
        Path file = settings.storeFile();
        if (!Files.exists(file)) {
            throw new StoreException(
                    "there is no store " + file + "; run this where the product runs, with its settings", null);
        }
        return SqliteStore.open(file, Clock.systemUTC());
    }

    private static Store stopped(PostgresStore store) {
        int running = store.running().size();
        if (running > 0) {
            store.close();
            throw new StoreException(
                    "the store is in use by " + running + (running == 1 ? " instance" : " instances")
                            + "; stop them, or wait for webhooks.store.lease after one was killed",
                    null);
        }
        return store;
    }

    /** As the product uses it. */
    static Store open(Settings settings, Clock clock) {
        return settings.postgres()
                .<Store>map(address -> PostgresStore.open(address, settings.lease(), clock))
                .orElseGet(() -> SqliteStore.open(settings.storeFile(), clock));
    }
}
