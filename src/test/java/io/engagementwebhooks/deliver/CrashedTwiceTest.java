package io.engagementwebhooks.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.CrashAgent;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.SeparateProduct;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Semantics 41: an event that crashed the process twice. */
@Tag("slow")
@Timeout(600)
class CrashedTwiceTest {

    private static final String KEY = "acme-admin-key-00000";

    @TempDir
    Path folder;

    private static void awaitCrash(Process process) throws InterruptedException {
        assertTrue(process.waitFor(Patience.LONG.toSeconds(), TimeUnit.SECONDS), "it lives on");
        assertEquals(CrashAgent.EXIT_CODE, process.exitValue());
    }

    private static JsonNode awaitDelivery(SeparateProduct product, String event, Predicate<JsonNode> so) {
        return Awaitility.await()
                .atMost(Patience.LONG)
                .ignoreExceptions()
                .until(() -> product.deliveries(event).get(0), so);
    }

    @Test
    void a_delivery_that_ends_the_process_twice_is_set_aside_and_may_be_replayed() throws Exception {
        try (Receiver receiver = new Receiver(got -> new Receiver.Reply(200));
                SeparateProduct product = new SeparateProduct(folder, KEY)) {
            Files.writeString(
                    folder.resolve("webhooks.yaml"),
                    """
                    accounts:
                      - id: acme
                        apiKeys: [{name: staff, role: admin, key: %s}]
                        webhooks:
                          - name: rendered
                            events: ['*']
                            delivery: {url: '%s', authentication: {type: none}, body: '{"id": "{id}", "subject": "{subject}"}'}
                    """
                            .formatted(KEY, receiver.url()));
            List<String> deadly = CrashAgent.launcher(folder);
            product.start(deadly);
            product.post("poison", ",\"subject\":\"" + CrashAgent.DEADLY + "\"");
            awaitCrash(product.process());
            awaitCrash(product.launch(deadly));

            product.start(deadly);

            JsonNode ended = awaitDelivery(product, "poison", delivery -> delivery.path("state")
                    .asText()
                    .equals("gave-up"));
            assertEquals("set aside: two crashes", ended.get("reason").asText());
            assertEquals(0, ended.get("attemptCount").asInt());
            assertEquals(202, product.post("fine"));
            awaitDelivery(
                    product, "fine", delivery -> delivery.path("state").asText().equals("delivered"));
            product.terminate();

            product.start(List.of());
            assertEquals(202, product.handle("/v1/deliveries/" + ended.get("id").asText() + "/replay"));
            awaitDelivery(product, "poison", delivery -> delivery.path("state")
                    .asText()
                    .equals("delivered"));
            assertTrue(receiver.requests().stream().anyMatch(got -> got.body().contains(CrashAgent.DEADLY)));
            assertTrue(product.log().contains("evaluation.quarantined"), product.log());
        }
    }
}
