package io.engagementwebhooks.instances;

import static org.awaitility.Awaitility.await;

import io.engagementwebhooks.testkit.Budget;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.Signals;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Promises 1 and 8: a PostgreSQL that is restarted, fails over, or stands still, under load. Each test has its own server for that. */
@Timeout(300)
class StoreAwayTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    Path folder;

    private final int port = FreePort.any();

    @AutoClose
    private EmbeddedPostgres server;

    @BeforeEach
    void startServer() throws IOException {
        Budget.SERVERS.use();
        server = EmbeddedPostgres.builder()
                .setPort(port)
                .setPGStartupWait(PATIENCE)
                .setDataDirectory(folder.resolve("pg"))
                .setCleanDataDirectory(false)
                .start();
    }

    @Test
    void promises_1_and_8_a_database_that_is_restarted_under_load_loses_nothing_and_uses_up_no_attempt()
            throws Exception {
        Load.during(folder.resolve("a"), port, load -> {
            server.close();
            load.awaitRefused(1);
            startServer();
        });
    }

    /** The server is killed, and another one begins on the same data at the same address, as a promoted standby does. */
    @Test
    void promises_1_and_8_a_database_that_fails_over_under_load_loses_nothing_and_keeps_the_order_of_a_key()
            throws Exception {
        Load.during(folder.resolve("a"), port, "fifo: {key: type, skipAfter: never}", load -> {
                    for (long pid : serverProcesses()) {
                        Signals.send(pid, "KILL");
                    }
                    load.awaitRefused(1);
                    server.close();
                    Files.deleteIfExists(folder.resolve("pg/postmaster.pid"));
                    startServer();
                })
                .assertInOrder();
    }

    @Tag("slow")
    @Test
    void promises_1_and_8_a_database_that_stands_still_under_load_loses_nothing_and_uses_up_no_attempt()
            throws Exception {
        Load.during(folder.resolve("a"), port, load -> {
            List<Long> processes = serverProcesses();
            for (long pid : processes) {
                Signals.send(pid, "STOP");
            }
            try {
                load.awaitRefused(1);
                await().until(() -> load.readiness().body().contains("the lease was not renewed in time"));
            } finally {
                for (long pid : processes) {
                    Signals.send(pid, "CONT");
                }
            }
        });
    }

    private List<Long> serverProcesses() throws IOException {
        long first = Long.parseLong(
                Files.readAllLines(folder.resolve("pg/postmaster.pid")).get(0).strip());
        ProcessHandle postmaster = ProcessHandle.of(first).orElseThrow();
        return Stream.concat(Stream.of(postmaster), postmaster.descendants())
                .map(ProcessHandle::pid)
                .toList();
    }
}
