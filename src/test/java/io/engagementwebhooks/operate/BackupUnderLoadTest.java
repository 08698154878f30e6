package io.engagementwebhooks.operate;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.JavaCommand;
import io.engagementwebhooks.testkit.OneWebhook;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A backup by another process of a product that takes and sends events all the time. */
@Timeout(300)
class BackupUnderLoadTest {

    private static final String KEY = "backup-load-admin-key-0123456789";
    private static final int SENDERS = 4;

    @TempDir
    Path folder;

    private final Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
    private final AtomicInteger numbers = new AtomicInteger();
    private final AtomicBoolean ends = new AtomicBoolean();

    @Test
    void a_backup_has_every_event_acknowledged_before_it() throws Exception {
        ExecutorService senders = Executors.newFixedThreadPool(SENDERS);
        try (Receiver receiver = new Receiver(got -> new Receiver.Reply(200))) {
            RunningProduct product = RunningProduct.shared(OneWebhook.all(KEY, receiver.url()));
            for (int i = 0; i < SENDERS; i++) {
                senders.submit(() -> send(product));
            }
            await().until(() -> acknowledged.size() > 200);
            List<String> before = List.copyOf(acknowledged);
            Path backup = folder.resolve("backup.db");
            String said = backup(product.storeFile(), backup);
            assertTrue(said.startsWith("backup " + backup + ": "), said);
            Set<String> copied = events(backup, product.account("acme"));
            assertEquals(
                    List.of(),
                    before.stream().filter(id -> !copied.contains(id)).toList());
            assertTrue(acknowledged.size() > before.size(), "events are accepted in the meantime");
        } finally {
            ends.set(true);
            senders.shutdown();
            assertTrue(senders.awaitTermination(Patience.LONG.toSeconds(), TimeUnit.SECONDS));
        }
    }

    private void send(RunningProduct product) {
        while (!ends.get()) {
            String id = "event-" + numbers.incrementAndGet();
            String event = "{\"specversion\":\"1.0\",\"id\":\"" + id
                    + "\",\"source\":\"/calls\",\"type\":\"call.ended\",\"data\":{}}";
            if (product.postEvent(KEY, event).statusCode() == 202) {
                acknowledged.add(id);
            }
        }
    }

    private String backup(Path store, Path to) throws Exception {
        List<String> command = JavaCommand.product("-Dwebhooks.store.url=jdbc:sqlite:" + store);
        command.addAll(List.of("--backup", to.toString()));
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertTrue(process.waitFor(Patience.LONG.toSeconds(), TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), Files.readString(output));
        return Files.readString(output);
    }

    private static Set<String> events(Path store, String account) throws Exception {
        List<String> ids = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + store);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT e.id FROM event e JOIN account a ON a.key = e.account WHERE a.id = '" + account
                                + "'")) {
            while (rows.next()) {
                ids.add(rows.getString(1));
            }
        }
        return new HashSet<>(ids);
    }
}
