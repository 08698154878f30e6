package io.engagementwebhooks.operate;

import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.webhook.Secret;
import io.engagementwebhooks.webhook.config.Vault;
import io.engagementwebhooks.webhook.config.VaultFault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The key that seals the secrets in a store: the configured one, or that of the file beside the store. The store
 * keeps its id, which is compared before the first seal, so that a wrong or replaced key fails at the start
 * (semantics 36). Not thread-safe.
 */
final class StoreKey {

    /** The store's setting that holds the id of its key. */
    static final String ID = "key-id";

    /** The store's settings that are sealed. */
    static final List<String> SEALED =
            List.of(ActiveConfig.LAST_GOOD, ActiveConfig.KEY_USE, ActiveConfig.REFRESH_TOKENS);

    private static final Logger LOG = LoggerFactory.getLogger(StoreKey.class);

    private final Path storeFile;
    private final String shown;
    private final Optional<Secret> given;
    private final Optional<Secret> givenNext;
    private final Store store;
    private final Function<String, Optional<byte[]>> kept;
    private final SecureRandom random;

    /** A key and the file it lies in, or null: it was given. */
    private record Found(Vault vault, Path file) {}

    StoreKey(Settings settings, Store store, SecureRandom random) {
        this(settings, store, store.settings()::setting, random);
    }

    private StoreKey(Settings settings, Store store, Function<String, Optional<byte[]>> kept, SecureRandom random) {
        this.storeFile = settings.storeFile();
        this.shown = settings.storeText();
        this.given = settings.secret(Settings.STORE_KEY);
        this.givenNext = settings.secret(Settings.NEXT_STORE_KEY);
        this.store = store;
        this.kept = kept;
        this.random = random;
    }

    /**
     * Changes nothing.
     *
     * @param kept the values of a store's settings
     * @throws VaultFault if {@link #open()} would refuse the key
     */
    static void check(Settings settings, Function<String, Optional<byte[]>> kept) {
        StoreKey key = new StoreKey(settings, null, kept, new SecureRandom());
        List<Found> found = key.found();
        key.keptId().ifPresent(id -> key.right(found, id));
    }

    /** Where the key of an embedded store lies, unless it is given. */
    static Path fileOf(Path storeFile) {
        return storeFile.resolveSibling(storeFile.getFileName() + ".key");
    }

    /** Where a re-keying puts the new key until the store has taken it. */
    static Path nextFileOf(Path storeFile) {
        return storeFile.resolveSibling(storeFile.getFileName() + ".key.next");
    }

    /**
     * The vault with the store's key. A store that has none yet takes the key that is there, or a new one. A re-keying that
     * was killed is brought to its end, or undone.
     *
     * @throws VaultFault if no key that is there is the store's, naming both and the ways out
     */
    Vault open() {
        List<Found> found = found();
        Optional<String> kept = keptId();
        if (kept.isEmpty()) {
            return takeUp(found.isEmpty() ? made() : found.get(0).vault());
        }
        Found right = right(found, kept.get());
        settle(right);
        return store.settings().setting(ID).isPresent() ? right.vault() : takeUp(right.vault());
    }

    private Found right(List<Found> found, String id) {
        return found.stream()
                .filter(one -> one.vault().keyId().equals(id))
                .findFirst()
                .orElseThrow(() -> refused(id, found));
    }

    private Vault takeUp(Vault vault) {
        byte[] kept = store.settings()
                .putIfAbsent(ID, bytes(vault.keyId()))
                .toCompletableFuture()
                .join();
        if (!Arrays.equals(kept, bytes(vault.keyId()))) {
            // another instance, with another key, has made the store its own at the same moment
            throw refused(new String(kept, StandardCharsets.US_ASCII), found());
        }
        return vault;
    }

    private Vault made() {
        Path file = fileOf(storeFile);
        Vault vault = Vault.make(file, random);
        LOG.info(
                "store-key.created file={} key={}: back it up with the store, whose secrets cannot be read without it",
                file,
                vault.keyId());
        return vault;
    }

    /** The keys that may be the store's, the likeliest first. */
    private List<Found> found() {
        Optional<Found> now = given.isPresent() ? given.map(this::given) : in(fileOf(storeFile));
        Optional<Found> later = given.isPresent() ? Optional.empty() : in(nextFileOf(storeFile));
        return Stream.of(now, givenNext.map(this::given), later)
                .flatMap(Optional::stream)
                .toList();
    }

    private Found given(Secret key) {
        return new Found(Vault.of(key, random), null);
    }

    private Optional<Found> in(Path file) {
        return Vault.read(file, random).map(vault -> new Found(vault, file));
    }

    /** Reads the id from sealed data in a store that kept none. */
    private Optional<String> keptId() {
        return kept.apply(ID)
                .map(id -> new String(id, StandardCharsets.US_ASCII))
                .or(() -> SEALED.stream()
                        .map(kept)
                        .flatMap(Optional::stream)
                        .map(Vault::sealedWith)
                        .flatMap(Optional::stream)
                        .findFirst());
    }

    private void settle(Found right) {
        Path next = nextFileOf(storeFile);
        if (Objects.equals(right.file(), next)) {
            Vault.replace(next, fileOf(storeFile));
            LOG.info(
                    "rekey.completed key={}: the interrupted rekeying is complete",
                    right.vault().keyId());
        } else if (right.file() != null) {
            deleteIfThere(next);
        }
    }

    private static void deleteIfThere(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("key file " + file + " of a re-keying that was interrupted stays", e);
        }
    }

    private VaultFault refused(String kept, List<Found> found) {
        String here = found.isEmpty()
                ? "key file " + fileOf(storeFile) + " does not exist"
                : found.get(0).file() == null
                        ? "the key given by " + Settings.STORE_KEY + " is "
                                + found.get(0).vault().keyId()
                        : "key file " + found.get(0).file() + " holds key "
                                + found.get(0).vault().keyId();
        return new VaultFault("the store " + shown + " keeps secrets sealed with key " + kept + ", but " + here
                + ": put the right key back, from the backup made with the store; or, if it is lost, run --forget-sealed,"
                + " which drops what was sealed (the kept configuration, refresh tokens that Salesforce renewed, definitions made by the API), then start again"
                + " from webhooks.yaml");
    }

    /**
     * Drops what was sealed and the id of the key, so that the next start takes the key that is there, or a new one.
     *
     * @return the id of the key that is forgotten, or empty: the store kept none
     */
    Optional<String> forget() {
        Optional<String> kept = keptId();
        Map<String, Optional<byte[]>> none = new HashMap<>();
        SEALED.forEach(name -> none.put(name, Optional.empty()));
        none.put(ID, Optional.empty());
        store.definitions().removeAll(none).toCompletableFuture().join();
        return kept;
    }

    /**
     * A new key, for a re-keying: the one that was given, or one in a file beside that of the present key.
     *
     * @throws VaultFault if the present key was given and the new one was not
     */
    Vault newKey() {
        if (givenNext.isPresent()) {
            return Vault.of(givenNext.get(), random);
        }
        if (given.isPresent()) {
            throw new VaultFault(
                    Settings.STORE_KEY + " gives the store's key, so give the new one as " + Settings.NEXT_STORE_KEY
                            + ": the Base64 of 32 random bytes, such as openssl rand -base64 32 prints");
        }
        return Vault.make(nextFileOf(storeFile), random);
    }

    /** Reseals all secrets with another key, and records its id, in one transaction. */
    void reseal(Vault from, Vault to) {
        Map<String, Optional<byte[]>> resealed = new HashMap<>();
        for (String name : SEALED) {
            store.settings().setting(name).ifPresent(old -> resealed.put(name, Optional.of(to.seal(from.unseal(old)))));
        }
        resealed.put(ID, Optional.of(bytes(to.keyId())));
        store.definitions()
                .reseal(old -> to.seal(from.unseal(old)), resealed)
                .toCompletableFuture()
                .join();
    }

    /** The new key's file, if it has one, takes the old one's place. */
    void putInPlace() {
        if (Files.exists(nextFileOf(storeFile)) && givenNext.isEmpty()) {
            Vault.replace(nextFileOf(storeFile), fileOf(storeFile));
        }
    }

    private static byte[] bytes(String id) {
        return id.getBytes(StandardCharsets.US_ASCII);
    }
}
