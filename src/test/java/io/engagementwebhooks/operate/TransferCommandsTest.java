package io.engagementwebhooks.operate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.store.jdbc.Migrations;
import io.engagementwebhooks.store.transfer.StoreCopy;
import io.engagementwebhooks.testkit.Postgres;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code --backup} and {@code --copy-to} say. */
class TransferCommandsTest {

    @TempDir
    Path folder;

    private Path store;
    private final List<String> settings = new ArrayList<>();
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private String database;

    @BeforeEach
    void makeStore() {
        store = folder.resolve("webhooks.db");
        Migrations.sqlite(store).run();
        Vault.make(StoreKey.fileOf(store), new SecureRandom());
        settings.add("webhooks.store.url=jdbc:sqlite:" + store);
    }

    @AfterEach
    void dropDatabase() {
        if (database != null) {
            Postgres.drop(database);
        }
    }

    private int run(String... arguments) throws IOException {
        Files.write(folder.resolve("application.properties"), settings);
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        return CommandLine.in(folder, out, out, arguments);
    }

    private String said() {
        return said.toString(StandardCharsets.UTF_8);
    }

    private String key() throws IOException {
        return Files.readString(StoreKey.fileOf(store)).strip();
    }

    @Test
    void a_backup_names_the_key_to_keep() throws IOException {
        assertEquals(0, run("--backup", "backup.db"), this::said);
        Path backup = folder.resolve("backup.db");
        assertTrue(Files.exists(backup));
        assertTrue(said().startsWith("backup " + backup + ": "), said());
        assertTrue(
                said().contains("the store's key is not in it: keep " + store + ".key too, apart from the backup"),
                said());
        assertFalse(said().contains(key()));
        assertEquals(1, run("--backup", "backup.db"));
        assertTrue(
                said().endsWith(backup + " exists, and a backup replaces no file; give another name\n1 fault\n"),
                said());
    }

    @Test
    void a_configured_key_is_named_by_its_setting() throws IOException {
        settings.add("webhooks.store.key=" + key());
        assertEquals(0, run("--backup", "backup.db"), this::said);
        assertTrue(said().contains("keep the key that webhooks.store.key gives too"), said());
        assertFalse(said().contains(key()));
    }

    @Test
    void an_option_without_its_value_is_refused() throws IOException {
        assertEquals(2, run("--backup"));
        assertEquals(2, run("--copy-to"));
        assertEquals(2, run("--copy-to", "jdbc:postgresql://me:hidden@db.example.com/webhooks"));
        assertEquals(2, run("--copy-to", "jdbc:postgresql://db.example.com/webhooks?password=hidden"));
        List<String> lines = said().lines().toList();
        assertEquals("--backup needs the file to make; see --help", lines.get(0));
        assertEquals(
                "the URL of --copy-to must be like jdbc:postgresql://host:5432/database; see --help", lines.get(1));
        assertTrue(
                lines.get(2).startsWith("the URL of --copy-to holds a user or password before an '@'"), lines.get(2));
        assertTrue(lines.get(3).startsWith("the URL of --copy-to holds a password"), lines.get(3));
        assertFalse(said().contains("hidden"));
    }

    @Test
    void a_missing_store_is_neither_backed_up_nor_copied_nor_created() throws IOException {
        Path none = folder.resolve("none.db");
        settings.set(0, "webhooks.store.url=jdbc:sqlite:" + none);
        assertEquals(1, run("--backup", "backup.db"));
        assertEquals(1, run("--copy-to", "jdbc:postgresql://localhost:1/none"));
        String line = "there is no store " + none + "; run this where the product runs, with its settings\n1 fault\n";
        assertEquals(line + line, said());
        assertFalse(Files.exists(none));
    }

    @Test
    void postgresql_makes_its_own_backups() throws IOException {
        settings.set(0, "webhooks.store.url=jdbc:postgresql://db.example.com:5433/webhooks?sslmode=verify-full");
        settings.add("webhooks.store.user=sender");
        settings.add("webhooks.store.key=" + key());
        assertEquals(1, run("--backup", "backup.db"));
        assertTrue(
                said().contains("pg_dump --format=custom --file=" + folder.resolve("backup.db")
                        + " --username=sender postgresql://db.example.com:5433/webhooks\n"),
                said());
        assertEquals(1, run("--copy-to", "jdbc:postgresql://localhost:1/none"));
        assertTrue(said().contains("the store is in PostgreSQL already"), said());
    }

    @Test
    void a_copy_prints_the_settings_of_a_start_on_it() throws IOException {
        database = Postgres.emptyDatabase();
        settings.add("webhooks.store.user=" + Postgres.USER);
        assertEquals(0, run("--copy-to", database), this::said);
        assertEquals(
                """
                copied 1 rows of 22 tables; counts and checksums are the same on both sides
                start on it with the same settings and:
                  webhooks.store.url=%s
                  webhooks.store.user and webhooks.store.password as now
                  webhooks.store.key: what is in %s.key, the same for every instance
                do not start on %2$s again: both would send the deliveries that wait; keep it as a backup
                """
                        .formatted(database, store),
                said());
    }

    @Test
    void profile_prod_copies_over_tls_only() throws IOException {
        settings.add("webhooks.profile=prod");
        assertEquals(1, run("--copy-to", "jdbc:postgresql://db.example.com/webhooks"));
        assertTrue(said().contains("does not ask for TLS; add ?sslmode=verify-full"), said());
    }

    @Test
    void progress_is_shown_once_a_second_after_three_and_less_often_later() {
        AtomicLong nanos = new AtomicLong();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        CopyProgress progress = new CopyProgress(new ProgressLines(out, nanos::get));
        for (int second = 0; second <= 4; second++) {
            for (int i = 0; i < 10; i++) {
                nanos.set(TimeUnit.MILLISECONDS.toNanos(second * 1_000L + i * 100));
                long rows = 5_000 + second * 10_000L + i * 1_000;
                progress.rows(StoreCopy.Progress.Step.COPYING, "event", rows, 100_000, rows, 200_000);
            }
        }
        assertEquals(
                "copying event: 35,000 of 100,000 rows (35 %), 10,000 rows/s; all tables copied in about 16 s\n"
                        + "copying event: 45,000 of 100,000 rows (45 %), 10,000 rows/s; all tables copied in about 15 s\n",
                said());
        ProgressLines lines = new ProgressLines(out, nanos::get);
        said.reset();
        for (int second = 0; second < 3_600; second++) {
            nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
            lines.show(() -> "line");
        }
        assertTrue(said().lines().count() < 350, said().lines().count() + " lines in an hour");
    }
}
