package io.engagementwebhooks.operate;

import static io.engagementwebhooks.testkit.Needed.needed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.EngagementWebhooks;
import io.engagementwebhooks.testkit.DamagedPage;
import io.engagementwebhooks.testkit.Documented;
import io.engagementwebhooks.testkit.JavaCommand;
import io.engagementwebhooks.testkit.OneWebhook;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.SeparateProduct;
import io.engagementwebhooks.testkit.Tools;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What docs/operations.md says on backups, run; and what a damaged store says. Starts products in separate processes. */
@Timeout(300)
class BackupPageTest {

    private static final String KEY = "a-key-of-acme-that-may-do-all";
    private static final String DAMAGED = "webhooks.db is damaged: ";
    private static final Documented PAGE = Documented.page(Path.of("docs/operations.md"));

    @TempDir
    Path folder;

    @AutoClose
    private SeparateProduct product;

    @BeforeEach
    void start() throws Exception {
        Files.writeString(
                folder.resolve("webhooks.yaml"),
                OneWebhook.named("plain", KEY, URI.create("https://receiver.invalid")));
        product = new SeparateProduct(folder, KEY);
        product.start(List.of());
    }

    private void run(String block) throws Exception {
        String command = JavaCommand.java(EngagementWebhooks.class).stream()
                .map(word -> "'" + word + "'")
                .collect(Collectors.joining(" "));
        PAGE.run(folder, "run: " + block, Map.of("java -jar engagement-webhooks.jar", command));
    }

    private Path store() {
        return folder.resolve("data/webhooks.db");
    }

    private int queued(String event) {
        return product.deliveries(event).size();
    }

    @Test
    void a_backup_of_a_running_product_is_restored() throws Exception {
        Tools.assume("bash");
        assertEquals(202, product.post("before"));
        run("backup");
        assertEquals(202, product.post("after"));
        product.process().destroyForcibly().waitFor();
        run("restore");
        product.start(List.of());
        assertEquals(1, queued("before"));
        assertEquals(0, queued("after"));
        assertEquals(200, product.post("before"), "it is known");
        assertEquals(202, product.post("after"));
    }

    @Test
    void a_damaged_store_is_not_ready_refused_at_the_start_and_recovered() throws Exception {
        for (int n = 0; n < 50; n++) {
            assertEquals(202, product.post("event-" + n));
        }
        assertEquals(200, product.ready());
        DamagedPage.root(store(), "audit_of_account");
        assertEquals(503, product.send("/v1/audit", null).statusCode());
        HttpResponse<String> readiness = product.readiness();
        assertEquals(503, readiness.statusCode());
        assertTrue(readiness.body().contains(DAMAGED), readiness.body());
        assertEquals(503, product.post("refused"));
        assertEquals(143, product.terminate());
        DamagedPage.root(store(), "delivery");
        DamagedPage header = DamagedPage.header(store());
        assertRefused();
        header.close();
        Tools.assume("bash", "sqlite3");
        needed(
                new ProcessBuilder("sqlite3", ":memory:", ".recover").start().waitFor() == 0,
                "sqlite3 is built without .recover");
        run("recover");
        Files.move(folder.resolve("data"), folder.resolve("data.damaged"));
        Files.move(folder.resolve("recovered"), folder.resolve("data"));
        product.start(List.of());
        assertEquals(200, product.ready());
        assertEquals(200, product.post("event-7"), "it is known");
        assertEquals(202, product.post("refused"));
    }

    private void assertRefused() throws Exception {
        Process refused = product.launch(List.of());
        assertTrue(refused.waitFor(Patience.LONG.toSeconds(), TimeUnit.SECONDS));
        assertEquals(1, refused.exitValue());
        assertTrue(
                product.log().contains(DAMAGED) && product.log().contains("(docs/operations.md)\n1 fault\n"),
                product::log);
    }
}
