package io.engagementwebhooks.api.definition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.config.AppliedFiles;
import io.engagementwebhooks.config.ConfigFile;
import io.engagementwebhooks.config.ConfigParser;
import io.engagementwebhooks.config.ConfigStatus;
import io.engagementwebhooks.config.DefinitionReader;
import io.engagementwebhooks.config.LastGoodFile;
import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.config.schema.ConfigFaults;
import io.engagementwebhooks.event.Sha256;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.ConfigReaders;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.testkit.Vaults;
import io.engagementwebhooks.webhook.Config;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starts with what an older version stored. */
class FormerStoreTest {

    private static final String KEY = "the-key-of-the-account-acme";
    private static final String LAST_GOOD =
            "accounts: [{id: acme, apiKeys: [{name: a, role: admin, key: '{{env:KEY}}'}]}]";

    private final SettableClock clock = new SettableClock(Instant.parse("2026-12-03T10:00:00Z"));
    private final ConfigParser parser = ConfigReaders.lenient();

    @TempDir
    Path folder;

    @AutoClose
    private SqliteStore store;

    private Vault vault;
    private Path file;
    private StoredDefinitions definitions;
    private DefinitionChanges changes;
    private FormerStore former;

    @BeforeEach
    void open() throws Exception {
        file = folder.resolve("webhooks.yaml");
        store = SqliteStore.open(folder.resolve("webhooks.db"), clock);
        vault = Vaults.open(folder.resolve("store.key"));
        keep(LAST_GOOD);
        begin();
    }

    /** @param known members: fingerprints of files that were active */
    private void keep(String lastGood, String... known) {
        String json = "{\"readAt\": \"2026-12-01T10:00:00Z\", \"file\": \""
                + Base64.getEncoder().encodeToString(lastGood.getBytes(StandardCharsets.UTF_8))
                + "\", \"values\": {\"env:KEY\": \"" + KEY + "\"}, \"known\": {" + String.join(", ", known) + "}}";
        store.settings()
                .setting(LastGoodFile.SETTING, vault.seal(json.getBytes(StandardCharsets.UTF_8)))
                .toCompletableFuture()
                .join();
    }

    private void begin() {
        definitions =
                new StoredDefinitions(new DefinitionReader(url -> Optional.empty(), Duration.ofDays(7), clock), vault);
        changes = new DefinitionChanges(store, definitions, () -> {});
        former = new FormerStore(store, changes, vault, parser, application(""), clock);
    }

    private FileApplication application(String instance) {
        return new FileApplication(
                changes,
                store,
                (webhook, state, reason) -> store.outcomes().setState(webhook, state, reason, clock.instant()),
                vault,
                instance,
                clock);
    }

    /** Starts an instance with a file. */
    private ConfigStatus start(String instance, String text) throws Exception {
        Files.writeString(file, text);
        begin();
        former.apply();
        try (ConfigFile own = new ConfigFile(
                new ConfigFile.Source(file, true, name -> Optional.empty()),
                parser,
                application(instance),
                false,
                clock)) {
            own.start();
            former.forget();
            return own.status();
        }
    }

    private static String accounts(String ids) {
        return "accounts: [" + ids + "]";
    }

    private Set<String> active() {
        return definitions.config().accounts().keySet();
    }

    /** Semantics 23. */
    @Test
    void a_file_with_faults_does_not_stop_the_first_start_of_this_version() throws Exception {
        assertEquals(ConfigStatus.State.BROKEN, start("one", "accounts: [").state());
        Config config = definitions.config();
        assertEquals(Set.of("acme"), config.accounts().keySet());
        assertTrue(config.caller(KEY).isPresent(), "the placeholder has its last value");
        assertTrue(store.settings().setting(LastGoodFile.SETTING).isEmpty());
        assertEquals(ConfigStatus.State.BROKEN, start("one", "accounts: [").state());
        assertEquals(Set.of("acme"), active());
    }

    /** Semantics 24. */
    @Test
    void the_file_of_the_first_start_replaces_the_last_good_one() throws Exception {
        assertTrue(start("one", accounts("{id: other}")).isUpToDate());
        assertEquals(Set.of("other"), active());
        former.apply();
        assertEquals(Set.of("other"), active());
    }

    /** Semantics 24. */
    @Test
    void an_older_file_that_the_older_version_knew_rolls_nothing_back() throws Exception {
        String older = accounts("{id: older}");
        String fingerprint = AppliedFiles.fingerprint(older.getBytes(StandardCharsets.UTF_8), Map.of());
        keep(LAST_GOOD, "\"" + fingerprint + "\": 1");
        assertEquals(ConfigStatus.State.OTHER, start("one", older).state());
        assertEquals(Set.of("acme"), active());
    }

    @Test
    void a_last_good_file_that_is_not_valid_any_more_leaves_the_configuration_to_the_file() throws Exception {
        keep("accounts: [{id: acme, unknown: true}]");
        assertTrue(start("one", accounts("{id: other}")).isUpToDate());
        assertEquals(Set.of("other"), active());
    }

    @Test
    void without_any_valid_file_the_start_fails() {
        keep("accounts: [{id: acme, unknown: true}]");
        assertThrows(ConfigFaults.class, () -> start("one", "accounts: ["));
    }

    @Test
    void the_first_key_of_an_older_version_stays_valid() throws Exception {
        byte[] hash = Sha256.of(KEY);
        store.settings().setting("first-key-sha256", hash).toCompletableFuture().join();
        start("one", accounts(""));
        assertTrue(definitions.config().caller(KEY).isPresent());
    }
}
