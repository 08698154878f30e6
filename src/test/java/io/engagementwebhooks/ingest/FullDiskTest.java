package io.engagementwebhooks.ingest;

import static io.engagementwebhooks.testkit.Needed.needed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.OneWebhook;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.SeparateProduct;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A full disk: the product runs in a separate process with a limit of file sizes, at which SQLite's writes fail alike.
 */
@Timeout(300)
class FullDiskTest {

    private static final String KEY = "an-admin-key-of-acme";
    private static final String CONFIG = OneWebhook.all(KEY, URI.create("https://receiver.invalid/"));

    @Test
    void events_get_503_and_only_accepted_ones_are_stored(@TempDir Path folder) throws Exception {
        needed(Files.isExecutable(Path.of("/bin/sh")), "limits of a process are set by a shell");
        Files.writeString(folder.resolve("webhooks.yaml"), CONFIG);
        int accepted = 0;
        try (SeparateProduct product = new SeparateProduct(folder, KEY)) {
            // blocks of 512 bytes: SQLite's native library, which is unpacked, must fit too
            product.start(List.of("/bin/sh", "-c", "ulimit -f 16384; exec \"$0\" \"$@\""));
            assertEquals(200, product.handle("/v1/webhooks/all/pause"));
            HttpResponse<String> answer = product.send("/v1/events", event(accepted));
            while (answer.statusCode() == 202 && accepted < 500) {
                accepted++;
                answer = product.send("/v1/events", event(accepted));
            }
            assertEquals(503, answer.statusCode(), answer.body());
            assertEquals(503, product.ready(), "a probe's few bytes may find room still");
            assertEquals(
                    "urn:engagement-webhooks:problem:store-unavailable",
                    RunningProduct.json(answer).get("type").asText());
            assertTrue(answer.headers().firstValue("Retry-After").isPresent());
            assertFalse(answer.body().contains("SQLITE"), answer.body());
            assertTrue(accepted > 0);
            product.terminate();
        }
        try (RunningProduct product = RunningProduct.start(folder, CONFIG)) {
            assertEquals(
                    accepted,
                    product.read("/v1/webhooks/all", KEY).get("waiting").asInt());
            HttpResponse<String> again = product.postEvent(KEY, event(accepted));
            assertEquals(202, again.statusCode(), again.body());
            HttpResponse<String> last = product.postEvent(KEY, event(accepted - 1));
            assertEquals(200, last.statusCode(), last.body());
        }
    }

    private static String event(int number) {
        return "{\"id\":\"e" + number + "\",\"source\":\"/s\",\"type\":\"call.ended\",\"data\":\"" + "x".repeat(200_000)
                + "\"}";
    }
}
