package io.engagementwebhooks.store.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.testkit.DamagedPage;
import io.engagementwebhooks.testkit.JavaCommand;
import io.engagementwebhooks.testkit.Needed;
import io.engagementwebhooks.testkit.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A backup of an embedded store. */
@Timeout(300)
class SqliteBackupTest {

    private static final int MIB = 1 << 20;

    /** Enough events for several steps of a backup. */
    private static final int STORE_MIB = 30;

    @TempDir
    Path folder;

    private Path store;
    private Path to;

    @BeforeEach
    void makeStore() throws SQLException {
        store = folder.resolve("webhooks.db");
        to = folder.resolve("backups").resolve("monday.db");
        SampleStore.make(store);
    }

    private void fill(int mebibytes) throws SQLException {
        try (Connection connection = SampleStore.connect(store);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode = WAL");
            for (int n = 0; n < mebibytes; n++) {
                statement.execute("INSERT INTO setting VALUES ('filler-" + n + "', randomblob(" + MIB + "))");
            }
        }
    }

    /** Runs a task in each step of a backup. */
    private interface Step {
        void run(int step) throws Exception;
    }

    private long backup(Step step) {
        AtomicInteger steps = new AtomicInteger();
        return new SqliteBackup(store, to, new SqliteBackup.Progress() {
                    @Override
                    public void copied(long copied, long total) {
                        try {
                            step.run(steps.incrementAndGet());
                        } catch (Exception e) {
                            throw new IllegalStateException(e);
                        }
                    }

                    @Override
                    public void checking(long bytes) {
                        assertTrue(bytes > 0);
                    }
                })
                .run();
    }

    private long backup() {
        return backup(step -> {});
    }

    private String refused() {
        return assertThrows(StoreException.class, this::backup).getMessage();
    }

    private List<String> files() throws IOException {
        if (!Files.exists(to.getParent())) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(to.getParent())) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void a_backup_is_a_consistent_snapshot_during_writes() throws Exception {
        fill(STORE_MIB);
        List<Integer> steps = new ArrayList<>();
        try (Connection writer = SampleStore.connect(store)) {
            SampleStore.run(writer, "INSERT INTO pending_count VALUES ('before', 1)");
            long bytes = backup(step -> {
                steps.add(step);
                SampleStore.run(writer, "INSERT INTO pending_count VALUES (?, 1)", "step-" + step);
                SampleStore.run(writer, "UPDATE setting SET value = randomblob(" + MIB + ") WHERE name = 'filler-1'");
            });
            assertEquals(Files.size(to), bytes);
        }
        assertTrue(steps.size() > 1, "it was written between two steps");
        try (Connection copy = SampleStore.connect(to)) {
            assertEquals(
                    List.of(1L),
                    SampleStore.numbers(copy, "SELECT count(*) FROM pending_count WHERE writer = 'before'"));
            assertEquals(
                    List.of(0L),
                    SampleStore.numbers(copy, "SELECT count(*) FROM pending_count WHERE writer LIKE 'step-%'"));
            assertEquals(List.of((long) SampleStore.EVENTS), SampleStore.numbers(copy, "SELECT count(*) FROM event"));
        }
    }

    @Test
    void only_its_owner_can_read_it_and_no_other_file_is_left() throws IOException {
        backup();
        assertEquals(List.of("monday.db"), files());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(to)));
    }

    @Test
    void a_store_whose_process_was_killed_is_copied_with_its_log() throws Exception {
        store = SampleStore.killed(store);
        byte[] log = Files.readAllBytes(folder.resolve("killed.db-wal"));
        backup();
        try (Connection copy = SampleStore.connect(to)) {
            assertEquals(
                    List.of(1L),
                    SampleStore.numbers(copy, "SELECT count(*) FROM pending_count WHERE writer = 'in the log'"));
        }
        assertEquals(log.length, Files.size(folder.resolve("killed.db-wal")), "the store is as it was");
    }

    @Test
    void a_backup_replaces_no_file() throws IOException {
        Files.createDirectories(to.getParent());
        Files.writeString(to, "precious");
        assertEquals(to + " exists, and a backup replaces no file; give another name", refused());
        assertEquals("precious", Files.readString(to));
        assertEquals(List.of("monday.db"), files());
    }

    @Test
    void a_file_that_appears_during_the_backup_is_kept() throws IOException {
        String message = assertThrows(
                        StoreException.class,
                        () -> backup(step -> {
                            if (step == 1) {
                                Files.writeString(to, "precious");
                            }
                        }))
                .getMessage();
        assertEquals(to + " exists, and a backup replaces no file; give another name", message);
        assertEquals("precious", Files.readString(to));
        assertEquals(List.of("monday.db"), files());
    }

    @Test
    void two_backups_do_not_write_the_same_file() throws IOException {
        Files.createDirectories(to.getParent());
        Files.writeString(to.resolveSibling("monday.db.partial"), "of another");
        assertTrue(refused()
                .endsWith("monday.db.partial exists: another backup is writing it, or one was killed; then"
                        + " delete it"));
        assertEquals(List.of("monday.db.partial"), files());
    }

    @Test
    void a_damaged_page_is_found_by_either_check_and_there_is_no_backup() throws Exception {
        DamagedPage.root(store, "delivery");
        String damaged = refused();
        assertTrue(damaged.startsWith("the store " + store + " is damaged: "), damaged);
        assertTrue(damaged.endsWith("restore a backup or recover what can be read (docs/operations.md)"), damaged);
        assertEquals(List.of(), files());
        SqliteBackup quick = new SqliteBackup(store, to, 0, new SqliteBackup.Progress() {
            @Override
            public void copied(long copied, long total) {}

            @Override
            public void checking(long bytes) {}
        });
        assertTrue(assertThrows(StoreException.class, quick::run).getMessage().contains(" is damaged: "));
        assertEquals(List.of(), files());
    }

    @Test
    void a_file_that_is_not_a_store_is_reported_as_damaged() throws IOException {
        Files.writeString(store, "this is no database, whatever its name says; ".repeat(100));
        assertTrue(refused().startsWith("the store " + store + " is damaged: "));
        assertEquals(List.of(), files());
    }

    @Test
    void a_disk_without_room_is_reported_and_has_no_half_file() throws Exception {
        fill(STORE_MIB);
        String output = onSmallDisk(STORE_MIB / 2, "");
        assertTrue(output.contains("there is not enough space for the backup in "), output);
        assertTrue(output.contains("the store has ") && output.contains(" are free; nothing is left there"), output);
        assertTrue(output.endsWith("files []\n"), output);
    }

    @Test
    void a_disk_that_fills_up_is_reported_and_has_no_half_file() throws Exception {
        fill(STORE_MIB);
        String output = onSmallDisk(STORE_MIB * 2, "fill");
        assertTrue(
                output.contains("the disk filled up; nothing is left there. Free space or give another folder"),
                output);
        assertTrue(output.endsWith("files [filler]\n"), output);
    }

    /** The output of {@link BackupOnDisk} on a private file system. */
    private String onSmallDisk(int mebibytes, String fill) throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        String mount = "mount -t tmpfs -o size=" + mebibytes + "m tmpfs '" + disk + "'";
        List<String> space = List.of("unshare", System.getProperty("user.name").equals("root") ? "-m" : "-Urm");
        List<String> trial = new ArrayList<>(space);
        trial.addAll(List.of("/bin/sh", "-c", mount));
        Needed.needed(output(trial).endsWith("exit 0"), "no file system can be mounted here");
        List<String> command = new ArrayList<>(space);
        command.addAll(List.of("/bin/sh", "-c", mount + " && exec \"$0\" \"$@\""));
        command.addAll(JavaCommand.java(BackupOnDisk.class));
        command.addAll(List.of(store.toString(), disk.toString(), fill));
        return output(command).replace("exit 0", "");
    }

    private String output(List<String> command) throws Exception {
        Path file = folder.resolve("output");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(file.toFile())
                    .start();
            assertTrue(process.waitFor(Patience.LONG.toSeconds(), TimeUnit.SECONDS));
            return Files.readString(file) + "exit " + process.exitValue();
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    @Test
    void an_unavailable_disk_is_reported() {
        to = Path.of("/proc/none/monday.db");
        String output = refused();
        assertTrue(output.startsWith("the backup /proc/none/monday.db cannot be written: "), output);
        assertFalse(output.contains("Exception"), output);
    }
}
