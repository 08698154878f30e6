package io.engagementwebhooks.operate;

import io.engagementwebhooks.api.delivery.ErasureView;
import io.engagementwebhooks.config.VaultFault;
import io.engagementwebhooks.operate.settings.Settings;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.erase.Erasure;
import io.engagementwebhooks.store.jdbc.ReadOnlyStore;
import io.engagementwebhooks.store.postgres.PostgresAddress;
import io.engagementwebhooks.store.postgres.PostgresStore;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.store.transfer.Sizes;
import io.engagementwebhooks.store.transfer.SqliteBackup;
import io.engagementwebhooks.store.transfer.StoreCopy;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Optional;

/**
 * The commands on a store. All except a check and a backup need a stopped product: they lock an embedded store, and
 * look for running instances of a shared one. {@link StoreException} and {@link VaultFault} have the fault and the
 * remedy.
 */
record StoreCommands(Settings settings, PrintStream out) {

    /** {@code --check}: whether a start would accept the store and its key. Read-only. */
    void check() {
        try (ReadOnlyStore store = readOnly().orElse(null)) {
            StoreKey.check(settings, name -> store == null ? Optional.empty() : store.setting(name));
        }
    }

    private Optional<ReadOnlyStore> readOnly() {
        return settings.postgres().isPresent()
                ? ReadOnlyStore.postgres(settings.postgres().get())
                : ReadOnlyStore.sqlite(settings.storeFile());
    }

    /** {@code --rekey}. */
    void rekey() {
        try (Store store = existing()) {
            StoreKey key = new StoreKey(settings, store, new SecureRandom());
            String id = new Rekeying(key, store, this::report).run();
            out.println("the store has key " + id + "; back it up with the store");
            settings.secret(Settings.NEXT_STORE_KEY)
                    .ifPresent(given -> out.println("now give that key as " + Settings.STORE_KEY + ", and "
                            + Settings.NEXT_STORE_KEY + " no more"));
        }
    }

    private void report(Rekeying.Step step) {
        if (step == Rekeying.Step.KEY_IN_PLACE) {
            out.println("rewriting the store, so that nothing sealed with the old key is left in it");
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
                    + ActiveConfig.source(settings).file() + ", which must be without faults then");
        }
    }

    /** {@code --erase-again}. */
    void eraseAgain(Path receipts) {
        try (Store store = existing()) {
            StoreKey key = new StoreKey(settings, store, new SecureRandom());
            store.erasures().digest().use(key.erasures(key.open())::name);
            for (Erasure done : new ErasureReceipts(receipts).repeat(store)) {
                out.println(ErasureView.PREFIX + done.id() + ": " + done.events() + " events, " + done.deliveries()
                        + " deliveries");
            }
        }
    }

    /** {@code --backup}. */
    void backup(Path to) {
        settings.postgres().ifPresent(address -> {
            throw new StoreException(
                    "the store is in PostgreSQL, which makes its own backups while the product runs: pg_dump --format=custom"
                            + " --file=" + to + " --username=" + (address.user().isEmpty() ? "USER" : address.user())
                            + " "
                            + database(address),
                    null);
        });
        Path file = existingFile();
        ProgressLines lines = new ProgressLines(out);
        long bytes = new SqliteBackup(file, to, new SqliteBackup.Progress() {
                    @Override
                    public void copied(long copied, long total) {
                        lines.show(() -> "copied " + Sizes.text(copied) + " of " + Sizes.text(total));
                    }

                    @Override
                    public void checking(long bytes) {
                        lines.show(() -> "checking " + Sizes.text(bytes));
                    }
                })
                .run();
        out.println("backup " + to + ": " + Sizes.text(bytes) + ", consistent and checked");
        String key = settings.secret(Settings.STORE_KEY).isPresent()
                ? "the key that " + Settings.STORE_KEY + " gives"
                : StoreKey.fileOf(file).toString();
        out.println("the store's key is not in it: keep " + key
                + " too, apart from the backup; without it the secrets in the backup cannot be read");
    }

    /** The URL for PostgreSQL's programs, without the driver's parameters. */
    private static String database(PostgresAddress address) {
        String place = address.toString().substring(PostgresAddress.PREFIX.length());
        return place.startsWith("//") ? "postgresql:" + place : place;
    }

    /** {@code --copy-to}. */
    void copyTo(String url) {
        if (settings.postgres().isPresent()) {
            throw new StoreException(
                    "the store is in PostgreSQL already; --copy-to copies a SQLite store, and pg_dump and pg_restore copy this"
                            + " one",
                    null);
        }
        PostgresAddress target = settings.postgres(url);
        if (settings.isProd() && !target.isSafe()) {
            throw new StoreException(
                    "profile prod: the URL of --copy-to leads to another machine and does not ask for TLS; add"
                            + " ?sslmode=verify-full, or at least sslmode=require",
                    null);
        }
        Path file = existingFile();
        StoreCopy.Result copied = new StoreCopy(file, target, new CopyProgress(new ProgressLines(out))).run();
        out.println("copied " + copied.rows() + " rows of " + copied.tables()
                + " tables; counts and checksums are the same on both sides");
        out.println("start on it with the same settings and:");
        out.println("  webhooks.store.url=" + target);
        out.println("  webhooks.store.user and webhooks.store.password as now");
        out.println(
                settings.secret(Settings.STORE_KEY).isPresent()
                        ? "  webhooks.store.key as now"
                        : "  webhooks.store.key: what is in " + StoreKey.fileOf(file)
                                + ", the same for every instance");
        out.println(
                "do not start on " + file + " again: both would send the deliveries that wait; keep it as a backup");
    }

    private Path existingFile() {
        Path file = settings.storeFile();
        if (!Files.exists(file)) {
            throw new StoreException(
                    "there is no store " + file + "; run this where the product runs, with its settings", null);
        }
        return file;
    }

    private Store existing() {
        Optional<PostgresAddress> postgres = settings.postgres();
        if (postgres.isPresent()) {
            return stopped(PostgresStore.open(postgres.get(), Clock.systemUTC()));
        }
        return SqliteStore.open(existingFile(), Clock.systemUTC());
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

    /** Opens the store like the product. */
    static Store open(Settings settings, Clock clock) {
        return settings.postgres()
                .<Store>map(address -> PostgresStore.open(address, settings.lease(), clock))
                .orElseGet(() -> SqliteStore.open(settings.storeFile(), clock));
    }
}
