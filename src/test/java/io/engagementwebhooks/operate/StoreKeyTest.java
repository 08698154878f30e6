package io.engagementwebhooks.operate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.api.definition.StoredDefinitions;
import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.config.VaultFault;
import io.engagementwebhooks.operate.settings.Settings;
import io.engagementwebhooks.store.definition.SessionStore;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.JavaCommand;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The store's key: found, compared, changed, and lost (semantics 36). */
@Timeout(300)
class StoreKeyTest {

    private static final byte[] SECRET = "a configuration with all its secrets".getBytes(StandardCharsets.UTF_8);
    private static final String ACCOUNT = "acme";
    private static final SecureRandom RANDOM = new SecureRandom();

    @TempDir
    Path folder;

    private final Properties given = new Properties();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private Path storeFile() {
        return folder.resolve("webhooks.db");
    }

    private Path keyFile() {
        return folder.resolve("webhooks.db.key");
    }

    private Settings settings() {
        given.setProperty("webhooks.store.url", "jdbc:sqlite:" + storeFile());
        Settings settings = Settings.read(folder, Map.of(), given);
        assertEquals(List.of(), settings.faults());
        return settings;
    }

    private <T> T withStore(Function<SqliteStore, T> use) {
        try (SqliteStore store = SqliteStore.open(storeFile(), Clock.systemUTC())) {
            return use.apply(store);
        }
    }

    private Vault open() {
        return withStore(store -> new StoreKey(settings(), store, RANDOM).open());
    }

    /** A start that seals something, as the configuration file and a portal session do. */
    private Vault startAndSeal() {
        return withStore(store -> {
            Vault vault = new StoreKey(settings(), store, RANDOM).open();
            store.settings()
                    .setting(StoredDefinitions.FILES, vault.seal(SECRET))
                    .toCompletableFuture()
                    .join();
            Instant now = Instant.now();
            store.sessions()
                    .add(
                            ACCOUNT,
                            new SessionStore.PortalSession(
                                    UUID.randomUUID().toString(),
                                    "sealed with " + vault.keyId(),
                                    null,
                                    now,
                                    now.plus(Duration.ofHours(1))),
                            10);
            return vault;
        });
    }

    private byte[] sealed() {
        return withStore(
                store -> store.settings().setting(StoredDefinitions.FILES).orElseThrow());
    }

    private StoreCommands commands() {
        return new StoreCommands(settings(), new PrintStream(out, true));
    }

    private String said() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private static String newKey() {
        byte[] key = new byte[32];
        RANDOM.nextBytes(key);
        return Base64.getEncoder().encodeToString(key);
    }

    private void assertNothingIsLeftOf(Vault key) throws IOException {
        byte[] id = HexFormat.of().parseHex(key.keyId());
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
                assertFalse(
                        bytes.contains(new String(id, StandardCharsets.ISO_8859_1)), file + " holds what it sealed");
                assertFalse(bytes.contains(key.keyId()), file + " names it");
            }
        }
    }

    @Test
    void the_first_start_makes_a_key_readable_by_its_owner_only_and_the_next_one_uses_it() throws IOException {
        Vault first = startAndSeal();
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(keyFile())));
        assertEquals(first.keyId(), open().keyId());
        assertArrayEquals(SECRET, open().unseal(sealed()));
    }

    @Test
    void an_existing_key_file_is_used_by_a_new_store() {
        String id = Vault.make(keyFile(), RANDOM).keyId();
        assertEquals(id, open().keyId());
    }

    @Test
    void another_key_stops_the_start_with_both_ids_and_the_remedies() {
        Vault right = startAndSeal();
        Vault wrong = Vault.make(keyFile(), RANDOM);
        String fault = assertThrows(VaultFault.class, this::open).getMessage();
        for (String part : List.of(right.keyId(), wrong.keyId(), keyFile().toString(), "backup", "--forget-sealed")) {
            assertTrue(fault.contains(part), fault);
        }
    }

    @Test
    void the_key_id_is_compared_even_before_the_first_encryption() {
        open();
        Vault.make(keyFile(), RANDOM);
        assertThrows(VaultFault.class, this::open);
    }

    @Test
    void a_missing_key_file_stops_the_start_and_no_new_key_is_made() throws IOException {
        Vault right = startAndSeal();
        Files.delete(keyFile());
        String fault = assertThrows(VaultFault.class, this::open).getMessage();
        assertTrue(fault.contains(right.keyId()) && fault.contains("does not exist"), fault);
        assertFalse(Files.exists(keyFile()));
    }

    @Test
    void the_restored_key_decrypts_everything_again() throws IOException {
        startAndSeal();
        Path backup = Files.copy(keyFile(), folder.resolve("backup"));
        Vault.make(keyFile(), RANDOM);
        assertThrows(VaultFault.class, this::open);
        Files.copy(backup, keyFile(), StandardCopyOption.REPLACE_EXISTING);
        assertArrayEquals(SECRET, open().unseal(sealed()));
    }

    @Test
    void a_store_without_a_key_id_reads_it_from_encrypted_data() {
        startAndSeal();
        withStore(store -> store.definitions()
                .reseal(old -> old, Map.of(StoreKey.ID, java.util.Optional.empty()))
                .toCompletableFuture()
                .join());
        Path aside = keyFile().resolveSibling("aside");
        assertTrue(keyFile().toFile().renameTo(aside.toFile()));
        assertThrows(VaultFault.class, this::open);
        assertTrue(aside.toFile().renameTo(keyFile().toFile()));
        open();
        withStore(store -> assertTrueThat(store.settings().setting(StoreKey.ID).isPresent()));
    }

    private static Void assertTrueThat(boolean condition) {
        assertTrue(condition);
        return null;
    }

    @Test
    void data_of_a_lost_key_is_deleted_on_request_and_the_next_start_has_a_new_key() throws IOException {
        Vault lost = startAndSeal();
        Files.delete(keyFile());
        commands().forgetSealed();
        assertTrue(said().contains(lost.keyId()) && said().contains("webhooks.yaml"), said());
        assertNotEquals(lost.keyId(), open().keyId());
        withStore(store ->
                assertTrueThat(store.settings().setting(StoredDefinitions.FILES).isEmpty()
                        && store.sessions().portalSessions(ACCOUNT).isEmpty()));
    }

    @Test
    void a_damaged_key_file_is_reported_with_the_remedy_and_its_data_can_be_deleted() throws IOException {
        startAndSeal();
        Files.write(keyFile(), new byte[] {(byte) 0xff, 0, 1});
        String fault = assertThrows(VaultFault.class, this::open).getMessage();
        assertTrue(fault.contains("holds no key") && fault.contains("restore"), fault);
        Files.delete(keyFile());
        commands().forgetSealed();
        open();
    }

    @Test
    void after_a_rekeying_the_new_key_decrypts_everything_and_the_old_one_nothing() throws IOException {
        Vault old = startAndSeal();
        startAndSeal();
        commands().rekey();
        Vault fresh = open();
        assertNotEquals(old.keyId(), fresh.keyId());
        assertTrue(said().contains(fresh.keyId()), said());
        assertArrayEquals(SECRET, fresh.unseal(sealed()));
        assertThrows(VaultFault.class, () -> old.unseal(sealed()));
        assertNothingIsLeftOf(old);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(keyFile())));
        assertFalse(Files.exists(StoreKey.nextFileOf(storeFile())));
    }

    @Test
    void the_search_for_data_of_the_old_key_works() {
        Vault vault = startAndSeal();
        assertThrows(AssertionError.class, () -> assertNothingIsLeftOf(vault));
    }

    /**
     * Wherever it ends, the next start finds the key that opens everything, and so does another re-keying. What a crash
     * leaves is what lies in the folder at that moment.
     */
    @ParameterizedTest
    @EnumSource(Rekeying.Step.class)
    void after_a_crash_during_a_rekeying_the_store_opens(Rekeying.Step last, @TempDir Path crashed) throws Exception {
        Vault old = startAndSeal();
        withStore(store -> {
            new Rekeying(new StoreKey(settings(), store, RANDOM), store, step -> {
                        if (step == last) {
                            copy(folder, crashed);
                        }
                    })
                    .run();
            return null;
        });
        folder = crashed;
        assertOpens(old, last);
    }

    private static void copy(Path from, Path to) {
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void assertOpens(Vault old, Rekeying.Step last) throws IOException {
        Vault found = open();
        assertEquals(last == Rekeying.Step.NEW_KEY_WRITTEN, found.keyId().equals(old.keyId()));
        assertArrayEquals(SECRET, found.unseal(sealed()));
        assertFalse(Files.exists(StoreKey.nextFileOf(storeFile())), "what it left is tidied up");
        commands().rekey();
        assertArrayEquals(SECRET, open().unseal(sealed()));
        assertNothingIsLeftOf(old);
    }

    @ParameterizedTest
    @EnumSource(Rekeying.Step.class)
    @Tag("slow")
    void after_a_kill_during_a_rekeying_the_store_opens(Rekeying.Step last) throws Exception {
        Vault old = startAndSeal();
        List<String> command = JavaCommand.java(RekeyingKilled.class);
        command.addAll(List.of(folder.toString(), last.name()));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        assertTrue(process.waitFor(180, TimeUnit.SECONDS));
        assertEquals(RekeyingKilled.DEAD, process.exitValue(), () -> log());
        Files.delete(folder.resolve("log"));
        assertOpens(old, last);
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Test
    void a_configured_key_needs_no_file_and_must_be_the_stores() {
        given.setProperty("webhooks.store.key", newKey());
        Vault vault = startAndSeal();
        assertFalse(Files.exists(keyFile()));
        given.setProperty("webhooks.store.key", newKey());
        String fault = assertThrows(VaultFault.class, this::open).getMessage();
        assertTrue(fault.contains(vault.keyId()) && fault.contains("webhooks.store.key"), fault);
        assertFalse(fault.contains(given.getProperty("webhooks.store.key")), "the key itself is not reported");
    }

    @Test
    void a_configured_key_may_be_in_a_file() throws IOException {
        String key = newKey();
        Files.writeString(folder.resolve("secret"), key + "\n");
        given.setProperty("webhooks.store.key", "file:secret");
        assertEquals(
                Vault.of(io.engagementwebhooks.webhook.auth.Secret.of(key), RANDOM)
                        .keyId(),
                startAndSeal().keyId());
    }

    @Test
    void a_configured_key_is_changed_by_the_next_key_setting_which_works_before_and_after() {
        given.setProperty("webhooks.store.key", newKey());
        Vault old = startAndSeal();
        assertTrue(assertThrows(VaultFault.class, () -> commands().rekey())
                .getMessage()
                .contains("webhooks.store.next-key"));
        given.setProperty("webhooks.store.next-key", newKey());
        assertEquals(old.keyId(), open().keyId(), "both are given, the store has the old one");
        commands().rekey();
        Vault fresh = open();
        assertNotEquals(old.keyId(), fresh.keyId());
        assertArrayEquals(SECRET, fresh.unseal(sealed()));
        commands().rekey();
        assertEquals(fresh.keyId(), open().keyId(), "again is no fault");
        given.setProperty("webhooks.store.key", given.getProperty("webhooks.store.next-key"));
        given.remove("webhooks.store.next-key");
        assertEquals(fresh.keyId(), open().keyId());
    }

    @Test
    void a_store_can_change_from_its_key_file_to_a_configured_key() throws IOException {
        Vault old = startAndSeal();
        given.setProperty("webhooks.store.next-key", newKey());
        commands().rekey();
        assertNothingIsLeftOf(old);
        given.setProperty("webhooks.store.key", given.getProperty("webhooks.store.next-key"));
        given.remove("webhooks.store.next-key");
        Files.delete(keyFile());
        assertArrayEquals(SECRET, open().unseal(sealed()));
    }

    @Test
    void a_command_on_a_missing_store_does_not_create_it() {
        assertThrows(io.engagementwebhooks.store.StoreException.class, () -> commands()
                .rekey());
        assertFalse(Files.exists(storeFile()));
    }
}
