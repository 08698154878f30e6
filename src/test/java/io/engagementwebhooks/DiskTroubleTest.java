package io.engagementwebhooks;

import static io.engagementwebhooks.testkit.Needed.needed;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.SeparateProduct;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Promises 1 and 8 of the engine: a disk that is full, or a store that cannot be written any more, costs no event that was
 * acknowledged and no attempt, and nothing is sent twice for it. What needs rights that this process has not is left out.
 */
@Tag("slow")
@Timeout(300)
class DiskTroubleTest {

    private static final String KEY = "disk-trouble-admin-key-0123456789";

    @TempDir
    Path folder;

    private final CountDownLatch letGo = new CountDownLatch(1);
    private final Receiver receiver = new Receiver(got -> {
        if (got.body().contains("\"held\"")) {
            hold();
        }
        return new Receiver.Reply(200);
    });
    private final List<String> accepted = new ArrayList<>();
    private SeparateProduct product;

    private void hold() {
        Patience.await(letGo);
    }

    @BeforeEach
    void config() throws IOException {
        Files.writeString(folder.resolve("webhooks.yaml"), config(receiver.url()));
        product = new SeparateProduct(folder, KEY);
    }

    @AfterEach
    void close() {
        letGo.countDown();
        product.close();
        receiver.close();
    }

    private static String config(URI receiver) {
        return """
                accounts:
                  - id: acme
                    apiKeys: [{name: all, role: admin, key: %s}]
                    webhooks:
                      - name: calls
                        events: ["*"]
                        retry: [300ms, 300ms, 300ms]
                        delivery: {url: "%s", timeout: 30s, authentication: {type: none}}
                """
                .formatted(KEY, receiver);
    }

    /** Sends events until one is not taken. @return the status that it got */
    private int postUntilRefused(String name) {
        for (int n = 0; n < 5_000; n++) {
            String id = name + "-" + n;
            int status = product.post(id);
            if (status != 202) {
                return status;
            }
            accepted.add(id);
        }
        return 202;
    }

    private void post(String id) {
        assertEquals(202, product.post(id));
        accepted.add(id);
    }

    private void awaitDelivered(String id) {
        await(id).until(() -> product.deliveries(id).stream()
                .allMatch(item -> item.get("state").asText().equals("delivered")));
    }

    private long times(String id) {
        return receiver.requests().stream()
                .filter(got -> got.body().contains("\"id\":\"" + id + "\""))
                .count();
    }

    /** What was acknowledged has arrived, by one attempt. */
    private void assertNothingIsLostOrDoubled() {
        accepted.forEach(this::awaitDelivered);
        for (String id : accepted) {
            List<JsonNode> deliveries = product.deliveries(id);
            assertEquals(1, deliveries.size(), id);
            assertEquals(1, deliveries.get(0).get("attemptCount").asInt(), id);
            assertEquals(1, times(id), id);
        }
    }

    private void awaitOutcomeThatCannotBeWritten() {
        await().until(() -> product.log().contains("outcome.not-stored"));
    }

    // --- a full disk

    /** A small file system that only the product has. */
    private List<String> onSmallDisk() throws Exception {
        Path data = Files.createDirectory(folder.resolve("data"));
        String mount = "mount -t tmpfs -o size=16m tmpfs '" + data + "'";
        List<String> space = List.of("unshare", System.getProperty("user.name").equals("root") ? "-m" : "-Urm");
        List<String> trial = new ArrayList<>(space);
        trial.addAll(List.of("/bin/sh", "-c", mount));
        needed(succeeds(trial), "no file system can be mounted here");
        List<String> launcher = new ArrayList<>(space);
        launcher.addAll(List.of("/bin/sh", "-c", mount + " && exec \"$0\" \"$@\""));
        return launcher;
    }

    private static boolean succeeds(List<String> command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command).start();
            return process.waitFor(180, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** The product's view of its folder. */
    private Path seenByTheProduct(String name) {
        return Path.of("/proc/" + product.process().pid() + "/root"
                + folder.resolve("data").resolve(name));
    }

    private static void fill(Path file) throws IOException {
        byte[] block = new byte[4096];
        try (OutputStream out = Files.newOutputStream(file)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            assertTrue(String.valueOf(e.getMessage()).contains("No space left"), e.getMessage());
        }
    }

    @Test
    void a_disk_that_was_full_and_is_freed_again_has_cost_nothing() throws Exception {
        product.start(onSmallDisk());
        post("before");
        awaitDelivered("before");
        post("held");
        await().until(() -> times("held") == 1);

        fill(seenByTheProduct("filler"));
        assertEquals(503, postUntilRefused("full"));
        assertEquals(503, product.ready());
        letGo.countDown();
        awaitOutcomeThatCannotBeWritten();
        assertEquals(503, product.post("still-full"));
        assertEquals(503, product.ready());

        Files.delete(seenByTheProduct("filler"));
        await().until(() -> product.ready() == 200);
        post("after");
        assertNothingIsLostOrDoubled();
        assertEquals(List.of(), product.deliveries("still-full"));
    }

    // --- a store that is read-only

    private boolean immutable(boolean is, String name) throws InterruptedException {
        Path file = folder.resolve("data").resolve(name);
        return succeeds(List.of("chattr", is ? "+i" : "-i", file.toString()));
    }

    @Test
    void a_store_that_was_made_read_only_takes_nothing_and_goes_on_when_it_may_be_written_again() throws Exception {
        product.start(List.of());
        post("before");
        awaitDelivered("before");
        post("held");
        await().until(() -> times("held") == 1);

        needed(immutable(true, "webhooks.db-wal"), "no file can be made unchangeable here");
        try {
            assertTrue(immutable(true, "webhooks.db"));
            assertEquals(503, postUntilRefused("read-only"));
            letGo.countDown();
            awaitOutcomeThatCannotBeWritten();
        } finally {
            immutable(false, "webhooks.db-wal");
            immutable(false, "webhooks.db");
        }
        await().until(() -> product.post("after") == 202);
        accepted.add("after");
        assertNothingIsLostOrDoubled();
    }

    @Test
    void a_start_on_a_read_only_store_is_refused_in_plain_words_and_loses_nothing() throws Exception {
        product.start(List.of());
        post("before");
        awaitDelivered("before");
        assertEquals(143, product.terminate());

        boolean forRoot = System.getProperty("user.name").equals("root");
        needed(
                forRoot ? immutable(true, "webhooks.db") : store().toFile().setReadOnly(),
                "no file can be made unchangeable here");
        try {
            Process refused = product.launch(List.of());
            assertTrue(refused.waitFor(180, TimeUnit.SECONDS));
            assertEquals(1, refused.exitValue());
            assertTrue(
                    product.log()
                            .contains("cannot open the store data/webhooks.db: it is read-only; the file and its folder"
                                    + " must be writable for the user that runs this\n1 fault\n"),
                    product::log);
        } finally {
            assertTrue(
                    forRoot ? immutable(false, "webhooks.db") : store().toFile().setWritable(true));
        }
        product.start(List.of());
        post("after");
        assertNothingIsLostOrDoubled();
    }

    private Path store() {
        return folder.resolve("data").resolve("webhooks.db");
    }
}
