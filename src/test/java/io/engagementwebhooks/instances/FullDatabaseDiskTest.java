package io.engagementwebhooks.instances;

import static io.engagementwebhooks.testkit.Needed.needed;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.Budget;
import io.engagementwebhooks.testkit.FreePort;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Promises 1 and 8: the disk of a PostgreSQL is full under load, and has room again; each test has its own server for
 * that. What needs rights that this process has
 * not is left out, unless every test is to run.
 */
@Tag("slow")
@Timeout(600)
class FullDatabaseDiskTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /** So many one after the other are no passing trouble. */
    private static final int REFUSED = 20;

    @TempDir
    Path folder;

    private final int port = FreePort.any();
    private Path disk;
    private EmbeddedPostgres server;

    @BeforeEach
    void mount() throws Exception {
        disk = Files.createDirectory(folder.resolve("disk"));
        needed(
                succeeds("mount", "-t", "tmpfs", "-o", "size=160m", "tmpfs", disk.toString()),
                "no file system can be mounted here");
    }

    @AfterEach
    void unmount() throws Exception {
        if (server != null) {
            server.close();
        }
        succeeds("umount", "-l", disk.toString());
    }

    private static boolean succeeds(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command).start();
            return process.waitFor(180, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private void startServer(Path data, Path log) throws IOException {
        Budget.SERVERS.use();
        server = EmbeddedPostgres.builder()
                .setPort(port)
                .setPGStartupWait(PATIENCE)
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .setLocaleConfig("waldir", log.toString())
                .setLocaleConfig("wal-segsize", "1")
                .setServerConfig("min_wal_size", "2MB")
                .setServerConfig("max_wal_size", "4MB")
                .setServerConfig("wal_recycle", "off")
                .start();
    }

    private void fill() throws IOException {
        byte[] block = new byte[4096];
        try (OutputStream out = Files.newOutputStream(disk.resolve("filler"), CREATE, APPEND)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            assertTrue(String.valueOf(e.getMessage()).contains("No space left"), e.getMessage());
        }
    }

    /** Takes the log's free segments, and the room of those that a checkpoint removes, until the server ends. */
    private void fillLog() throws IOException {
        fill();
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            while (true) {
                statement.execute("SELECT pg_switch_wal()");
                fill();
            }
        } catch (SQLException ended) {
            // it has no room for a segment
        }
    }

    private void free() throws IOException {
        Files.delete(disk.resolve("filler"));
    }

    private static boolean runs(Path data) {
        try {
            List<String> lines = Files.readAllLines(data.resolve("postmaster.pid"));
            return ProcessHandle.of(Long.parseLong(lines.get(0).strip())).isPresent();
        } catch (IOException | IndexOutOfBoundsException e) {
            return false;
        }
    }

    /** While it starts again it may find that it has no room still, and end: then its operator starts it. */
    private boolean comesBack(Path data, Path log) throws IOException {
        if (!runs(data)) {
            server.close();
            startServer(data, log);
            return true;
        }
        try (Connection connection = server.getPostgresDatabase().getConnection()) {
            return connection.isValid(10);
        } catch (SQLException e) {
            return false;
        }
    }

    /** Its tables cannot grow, and its log can: each transaction that needs room fails, and the server goes on. */
    @Test
    void promises_1_and_8_a_full_disk_under_the_tables_costs_nothing_and_the_product_goes_on_by_itself()
            throws Exception {
        Path data = disk.resolve("pg");
        startServer(data, folder.resolve("wal"));
        Load.during(folder.resolve("a"), port, load -> {
            fill();
            load.awaitRefused(REFUSED);
            assertTrue(runs(data));
            free();
        });
    }

    /** Its log cannot grow: the server ends at once, and comes back only when there is room, by itself or by its operator. */
    @Test
    void promises_1_and_8_a_full_disk_under_the_log_costs_nothing_and_the_product_goes_on_by_itself() throws Exception {
        Path data = folder.resolve("pg");
        Path log = disk.resolve("wal");
        startServer(data, log);
        Load.during(folder.resolve("a"), port, load -> {
            fillLog();
            load.awaitRefused(REFUSED);
            free();
            await().until(() -> comesBack(data, log));
        });
    }
}
