package io.engagementwebhooks.operate;

import io.engagementwebhooks.api.definition.StoredDefinitions;
import io.engagementwebhooks.config.LastGoodFile;
import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.config.VaultFault;
import io.engagementwebhooks.operate.settings.Settings;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.sqlite.StoreFile;
import io.engagementwebhooks.webhook.auth.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
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
 * The key that encrypts secrets in a store: the configured one, or that of the file next to the store. The store has
 * its id, which is compared before the first encryption, so that a wrong key fails at the start (semantics 36). Not
 * thread-safe.
 */
public final class StoreKey {

    /** The store's setting of the id of its key. */
    static final String ID = "key-id";

    /** The encrypted settings of the store. */
    static final List<String> SEALED = List.of(
            StoredDefinitions.FILES,
            LastGoodFile.SETTING,
            ActiveConfig.KEY_USE,
            ActiveConfig.REFRESH_TOKENS,
            StoreKey.ERASURES);

    /** The key of digests of what was erased, sealed. It stays the same when the store's key changes. */
    private static final String ERASURES = "erasure-key";

    private static final Logger LOG = LoggerFactory.getLogger(StoreKey.class);

    private final Path storeFile;
    private final String shown;
    private final Optional<Secret> given;
    private final Optional<Secret> givenNext;
    private final Store store;
    private final Function<String, Optional<byte[]>> kept;
    private final SecureRandom random;

    /** A key with its file, or null if it is configured. */
    private record Candidate(Vault vault, Path file) {}

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
     * Checks the key. Read-only.
     *
     * @param kept the values of a store's settings
     * @throws VaultFault if {@link #open()} would refuse the key
     */
    static void check(Settings settings, Function<String, Optional<byte[]>> kept) {
        StoreKey key = new StoreKey(settings, null, kept, new SecureRandom());
        List<Candidate> candidates = key.candidates();
        key.keptId().ifPresent(id -> key.matching(candidates, id));
    }

    /** The key file of an embedded store, unless the key is configured. */
    public static Path fileOf(Path storeFile) {
        return StoreFile.keyOf(storeFile);
    }

    /** The file of the new key during a re-keying. */
    static Path nextFileOf(Path storeFile) {
        return storeFile.resolveSibling(storeFile.getFileName() + ".key.next");
    }

    /**
     * The vault with the store's key. A new store takes the existing key, or a new one. An interrupted re-keying is
     * completed or undone.
     *
     * @throws VaultFault if no existing key is the store's; the message names both and the remedies
     */
    Vault open() {
        List<Candidate> candidates = candidates();
        Optional<String> kept = keptId();
        if (kept.isEmpty()) {
            return assign(candidates.isEmpty() ? create() : candidates.get(0).vault());
        }
        Candidate matching = matching(candidates, kept.get());
        completeRekeying(matching);
        return store.settings().setting(ID).isPresent() ? matching.vault() : assign(matching.vault());
    }

    private Candidate matching(List<Candidate> candidates, String id) {
        return candidates.stream()
                .filter(one -> one.vault().keyId().equals(id))
                .findFirst()
                .orElseThrow(() -> refused(id, candidates));
    }

    private Vault assign(Vault vault) {
        byte[] kept = store.settings()
                .putIfAbsent(ID, bytes(vault.keyId()))
                .toCompletableFuture()
                .join();
        if (!Arrays.equals(kept, bytes(vault.keyId()))) {
            // another instance has set another key at the same time
            throw refused(new String(kept, StandardCharsets.US_ASCII), candidates());
        }
        return vault;
    }

    /** The vault with the key of erasures; it is created with the store. */
    Vault erasures(Vault vault) {
        byte[] sealed = store.settings().setting(ERASURES).orElseGet(() -> {
            byte[] made = new byte[Vault.KEY_LENGTH];
            random.nextBytes(made);
            return store.settings()
                    .putIfAbsent(ERASURES, vault.seal(Base64.getEncoder().encode(made)))
                    .toCompletableFuture()
                    .join();
        });
        return Vault.of(Secret.of(new String(vault.unseal(sealed), StandardCharsets.US_ASCII)), random);
    }

    private Vault create() {
        Path file = fileOf(storeFile);
        Vault vault = Vault.make(file, random);
        LOG.info(
                "store-key.created file={} key={}: back it up with the store, whose secrets cannot be read without it",
                file,
                vault.keyId());
        return vault;
    }

    /** The candidate keys, the likeliest first. */
    private List<Candidate> candidates() {
        Optional<Candidate> now = given.isPresent() ? given.map(this::given) : in(fileOf(storeFile));
        Optional<Candidate> later = given.isPresent() ? Optional.empty() : in(nextFileOf(storeFile));
        return Stream.of(now, givenNext.map(this::given), later)
                .flatMap(Optional::stream)
                .toList();
    }

    private Candidate given(Secret key) {
        return new Candidate(Vault.of(key, random), null);
    }

    private Optional<Candidate> in(Path file) {
        return Vault.read(file, random).map(vault -> new Candidate(vault, file));
    }

    /** Reads the id from encrypted data of a store without an id. */
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

    private void completeRekeying(Candidate matching) {
        Path next = nextFileOf(storeFile);
        if (Objects.equals(matching.file(), next)) {
            Vault.replace(next, fileOf(storeFile));
            LOG.info(
                    "rekey.completed key={}: the interrupted rekeying is complete",
                    matching.vault().keyId());
        } else if (matching.file() != null) {
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

    private VaultFault refused(String kept, List<Candidate> candidates) {
        String here = candidates.isEmpty()
                ? "key file " + fileOf(storeFile) + " does not exist"
                : candidates.get(0).file() == null
                        ? "the key given by " + Settings.STORE_KEY + " is "
                                + candidates.get(0).vault().keyId()
                        : "key file " + candidates.get(0).file() + " holds key "
                                + candidates.get(0).vault().keyId();
        return new VaultFault("the store " + shown + " keeps secrets sealed with key " + kept + ", but " + here
                + ": put the right key back, from the backup made with the store; or, if it is lost, run --forget-sealed,"
                + " which drops what was sealed (definitions, refresh tokens that Salesforce renewed), then start again"
                + " from webhooks.yaml");
    }

    /**
     * Deletes encrypted data and the id of the key, so that the next start takes the existing key, or a new one.
     *
     * @return the id of the deleted key, or empty
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
     * A new key for a re-keying: the configured one, or one in a file next to the current key's.
     *
     * @throws VaultFault if the current key is configured and the new one is not
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

    /** Encrypts all secrets with another key, and stores its id, in one transaction. */
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

    /** Replaces the old key's file by the new one, if there is one. */
    void putInPlace() {
        if (Files.exists(nextFileOf(storeFile)) && givenNext.isEmpty()) {
            Vault.replace(nextFileOf(storeFile), fileOf(storeFile));
        }
    }

    private static byte[] bytes(String id) {
        return id.getBytes(StandardCharsets.US_ASCII);
    }
}
