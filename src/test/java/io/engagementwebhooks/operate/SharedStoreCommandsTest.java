package io.engagementwebhooks.operate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.api.definition.StoredDefinitions;
import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.config.VaultFault;
import io.engagementwebhooks.operate.settings.Settings;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.testkit.Postgres;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that change a store, on one in PostgreSQL. */
class SharedStoreCommandsTest {

    private static final String CONFIG =
            """
            accounts:
              - id: acme
                apiKeys: [{name: all, role: admin, key: commands-admin-key-0123456789}]
            """;
    private static final String OLD = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    private static final String NEW = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

    @TempDir
    Path folder;

    private final String database = Postgres.newDatabase();
    private final ByteArrayOutputStream reported = new ByteArrayOutputStream();

    @AfterEach
    void dropDatabase() {
        Postgres.drop(database);
    }

    private RunningProduct start(String key) {
        return RunningProduct.start(
                folder,
                CONFIG,
                "webhooks.store.url=" + database,
                "webhooks.store.user=" + Postgres.USER,
                "webhooks.store.key=" + key);
    }

    private int run(String command) {
        PrintStream out = new PrintStream(reported, true, StandardCharsets.UTF_8);
        return CommandLine.in(folder, out, out, command);
    }

    private void set(String setting) throws IOException {
        Files.writeString(
                folder.resolve("application.properties"),
                setting + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    @Test
    void a_store_gets_another_key_when_no_instance_runs() throws IOException {
        try (RunningProduct product = start(OLD)) {
            assertEquals(1, run("--rekey"));
            assertTrue(
                    reported.toString(StandardCharsets.UTF_8).contains("in use by 1 instance;"), reported.toString());
            assertEquals(
                    200,
                    product.get("/v1/webhooks", "commands-admin-key-0123456789").statusCode());
        }
        assertEquals(1, run("--rekey"), "the new key is to be given");
        assertTrue(reported.toString(StandardCharsets.UTF_8).contains("webhooks.store.next-key"), reported.toString());
        set("webhooks.store.next-key=" + NEW);
        assertEquals(0, run("--rekey"), reported.toString());
        IllegalStateException refused = assertThrows(IllegalStateException.class, () -> start(OLD));
        assertTrue(refused.getMessage().contains("keeps secrets sealed with key"), refused.getMessage());
        assertTrue(refused.getMessage().contains(database), refused.getMessage());
        start(NEW).close();
    }

    @Test
    void data_encrypted_with_a_lost_key_can_be_deleted() throws IOException {
        set("webhooks.store.url=" + database);
        set("webhooks.store.user=" + Postgres.USER);
        open(OLD);
        assertThrows(VaultFault.class, () -> open(NEW));
        set("webhooks.store.key=" + NEW);
        assertEquals(0, run("--forget-sealed"), reported.toString());
        open(NEW);
    }

    /** As a start does. */
    private void open(String key) {
        Properties given = new Properties();
        given.setProperty("webhooks.store.key", key);
        Settings settings = Settings.read(folder, Map.of(), given);
        try (Store store = StoreCommands.open(settings, Clock.systemUTC())) {
            Vault vault = new StoreKey(settings, store, new SecureRandom()).open();
            store.settings()
                    .setting(StoredDefinitions.FILES, vault.seal(CONFIG.getBytes(StandardCharsets.UTF_8)))
                    .toCompletableFuture()
                    .join();
        }
    }

    @Test
    void a_check_does_not_connect() throws IOException {
        Files.writeString(folder.resolve("webhooks.yaml"), CONFIG);
        set("webhooks.config=file:" + folder.resolve("webhooks.yaml"));
        set("webhooks.store.url=jdbc:postgresql://nowhere.invalid/webhooks");
        set("webhooks.store.key=" + OLD);
        assertEquals(0, run("--check"), reported.toString());
    }
}
