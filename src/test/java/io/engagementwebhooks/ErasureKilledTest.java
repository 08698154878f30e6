package io.engagementwebhooks;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.SeparateProduct;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Semantics 44 on a process that is killed at any moment of an erasure: it ends after the start, and its receipt is whole. */
@ExtendWith(Patience.class)
class ErasureKilledTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String KEY = "erasure-admin-key-0123456789";
    private static final int EVENTS = 600;

    @TempDir
    Path folder;

    @Test
    void an_erasure_that_is_killed_ends_after_the_start_with_a_whole_receipt() throws Exception {
        killed(2);
    }

    @Test
    @Tag("slow")
    void ten_erasures_that_are_killed_end_with_whole_receipts() throws Exception {
        killed(10);
    }

    private void killed(int kills) throws Exception {
        Files.writeString(
                folder.resolve("webhooks.yaml"),
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: all, role: admin, key: %s}]
                    webhooks:
                      - {name: later, events: [call.ended], delivery: {url: "http://127.0.0.1:9/a", authentication: {type: none}, waitFor: {field: data.never, atMost: 1h}}}
                      - {name: down, events: [call.ended], retry: [1h], delivery: {url: "http://127.0.0.1:9/b", authentication: {type: none}}}
                """
                        .formatted(KEY));
        try (SeparateProduct product = new SeparateProduct(folder, KEY)) {
            product.start(List.of());
            for (int kill = 0; kill < kills; kill++) {
                String number = "4670000000" + kill;
                String batch = events(number);
                assertEquals(
                        202,
                        product.send("/v1/events", batch, "application/cloudevents-batch+json")
                                .statusCode());
                String id = JSON.readTree(product.send(
                                        "/v1/erasures",
                                        "{\"field\":\"data.anum\",\"equals\":\"" + number + "\"}",
                                        "application/json")
                                .body())
                        .get("id")
                        .asText();
                int begun = ThreadLocalRandom.current().nextInt(EVENTS);
                await().until(() ->
                        product.read("/v1/erasures/" + id).get("events").asInt() >= begun);
                product.process().destroyForcibly().waitFor();
                product.start(List.of());

                JsonNode receipt = await().until(
                                () -> product.read("/v1/erasures/" + id),
                                each -> each.get("state").asText().equals("done"));
                assertEquals(EVENTS, receipt.get("events").asInt(), "killed after " + begun);
                assertEquals(2 * EVENTS, receipt.get("deliveries").asInt());
                for (Path file : SqliteStore.filesWithPayloads(folder.resolve("data/webhooks.db"))) {
                    assertFalse(
                            new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(number),
                            file + " after " + begun);
                }
                assertEquals(
                        200,
                        product.send("/v1/events", batch, "application/cloudevents-batch+json")
                                .statusCode());
            }
        }
    }

    private static String events(String number) {
        return IntStream.range(0, EVENTS)
                .mapToObj(i -> "{\"specversion\":\"1.0\",\"id\":\"" + number + "-" + i
                        + "\",\"source\":\"s\",\"type\":\"call.ended\",\"data\":{\"anum\":\"" + number
                        + "\",\"note\":\"" + "n".repeat(300) + "\"}}")
                .collect(Collectors.joining(",", "[", "]"));
    }
}
