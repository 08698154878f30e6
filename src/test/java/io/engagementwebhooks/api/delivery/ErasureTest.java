package io.engagementwebhooks.api.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.operate.CommandLine;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.ContentsquareStandIn;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Semantics 44. A separate product: the test searches the files of its store. */
class ErasureTest {

    private static final String KEY = "key-of-acme-0000000000";
    private static final String OTHER = "key-of-globex-00000000";
    private static final String NUMBER = "46700000001";
    private static final String EVENT =
            "{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"/pbx\",\"type\":\"call.ended\",\"subject\":\"%s\",\"data\":%s}";

    @AutoClose
    private final Receiver echo = new Receiver(got -> new Receiver.Reply(
            got.target().toString().endsWith("ok") ? 200 : 400,
            Map.of("X-Echo", got.body().strip()),
            got.body()));

    @AutoClose
    private final ContentsquareStandIn contentsquare = new ContentsquareStandIn();

    @TempDir
    Path folder;

    @AutoClose
    private RunningProduct product;

    ErasureTest() throws IOException {}

    @BeforeEach
    void start() {
        product = RunningProduct.start(
                folder,
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: %1$s}]
                    connections:
                      - {name: insights, type: contentsquare, tokenUrl: "%4$s", clientId: %5$s, clientSecret: %6$s, scope: enrichment, integrationVersion: 1, endpointSuffix: 127.0.0.1, schema: [{name: answered, type: BOOL, optional: true}, {name: call_duration, type: INT}]}
                    webhooks:
                      - {name: enriches, events: [call.enriched], delivery: {contentsquare: {fields: {answered: "{answered}", call_duration: "{duration}"}}, authentication: {type: contentsquare, connection: insights}}}
                      - {name: judges, events: [call.enriched], condition: .data.web.contentsquare.userId | error, delivery: {url: "%3$sok", authentication: {type: none}}}
                      - {name: fails, events: [call.ended], retry: [1h], delivery: {url: "%3$sfails", body: '{"number":"{anum}"}', fifo: {key: data.anum}, authentication: {type: none}}}
                      - {name: arrives, events: [call.ended], delivery: {url: "%3$sok", headers: {X-Number: "{anum}"}, authentication: {type: none}}}
                      - {name: waits, events: [call.ended], delivery: {url: "%3$sok", waitFor: {field: data.never, atMost: 1h}, authentication: {type: none}}}
                  - id: globex
                    apiKeys: [{name: staff, role: admin, key: %2$s}]
                    webhooks:
                      - {name: globex, events: [call.ended], retry: [1h], delivery: {url: "%3$sfails", authentication: {type: none}}}
                """
                        .formatted(
                                KEY,
                                OTHER,
                                echo.url(),
                                contentsquare.tokenUrl(),
                                ContentsquareStandIn.CLIENT_ID,
                                ContentsquareStandIn.CLIENT_SECRET));
    }

    private void post(String key, String id, String subject, String data, int status) {
        assertEquals(
                status,
                product.postEvent(key, EVENT.formatted(id, subject, data)).statusCode());
    }

    private HttpResponse<String> erase(String key, String body) {
        return product.post("/v1/erasures", key, "application/json", body);
    }

    private JsonNode done(String body) {
        HttpResponse<String> started = erase(KEY, body);
        assertEquals(202, started.statusCode(), started.body());
        String path = "/v1/erasures/" + RunningProduct.json(started).get("id").asText();
        return Awaitility.await().atMost(Patience.LONG).until(() -> product.read(path, KEY), receipt -> receipt.get(
                        "state")
                .asText()
                .equals("done"));
    }

    private List<String> filesWith(String text) {
        return SqliteStore.filesWithPayloads(product.storeFile()).stream()
                .filter(file -> holds(file, text))
                .map(file -> file.getFileName().toString())
                .toList();
    }

    private static boolean holds(Path file, String text) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitAttempts(String event, int deliveries) {
        Awaitility.await().atMost(Patience.LONG).until(() -> {
            int attempted = 0;
            for (JsonNode delivery :
                    product.read("/v1/deliveries?event=" + event, KEY).get("items")) {
                attempted += delivery.get("attemptCount").asInt() > 0 ? 1 : 0;
            }
            return attempted == deliveries;
        });
    }

    @Test
    void the_number_is_found_nowhere_after_its_erasure_and_other_events_stay() throws Exception {
        post(KEY, "id-" + NUMBER, "call/" + NUMBER, "{\"anum\":\"" + NUMBER + "\"}", 202);
        post(
                KEY,
                "nested",
                "call/2",
                "{\"legs\":[{\"to\":1},{\"to\":" + NUMBER + "}],\"anum\":\"" + NUMBER + "\"}",
                202);
        post(KEY, "kept", "call/3", "{\"anum\":\"46700000002\"}", 202);
        awaitAttempts("id-" + NUMBER, 2);
        awaitAttempts("kept", 2);
        String delivery = Awaitility.await()
                .atMost(Patience.LONG)
                .until(
                        () -> product.read("/v1/deliveries?event=nested&status=delivered", KEY)
                                .at("/items/0/id")
                                .asText(),
                        id -> !id.isEmpty());
        assertEquals(
                202,
                product.post(
                                "/v1/deliveries/" + delivery + "/resend",
                                KEY,
                                "application/json",
                                "{\"data\":{\"note\":\"of " + NUMBER + "\"}}")
                        .statusCode());
        assertFalse(filesWith(NUMBER).isEmpty());

        JsonNode counted = RunningProduct.json(
                erase(KEY, "{\"field\":\"data.anum\",\"equals\":\"" + NUMBER + "\",\"dryRun\":true}"));
        assertEquals(
                List.of(3, 7, 4, true),
                List.of(
                        counted.get("events").asInt(),
                        counted.get("deliveries").asInt(),
                        counted.get("pending").asInt() >= 4
                                ? 4
                                : counted.get("pending").asInt(),
                        counted.get("exact").asBoolean()));
        JsonNode receipt = done("{\"field\":\"data.anum\",\"equals\":\"" + NUMBER + "\"}");

        assertEquals(3, receipt.get("events").asInt(), receipt.toString());
        assertEquals(7, receipt.get("deliveries").asInt(), receipt.toString());
        assertTrue(receipt.get("canceled").asInt() >= 4, receipt.toString());
        assertEquals("data.anum", receipt.get("field").asText());
        assertEquals("staff", receipt.get("actor").asText());
        assertTrue(receipt.get("cleaned").asText().contains("secure_delete"), receipt.toString());
        assertEquals(List.of(), filesWith(NUMBER));
        for (String path : List.of(
                "/v1/events",
                "/v1/deliveries",
                "/v1/erasures",
                "/v1/audit",
                "/v1/webhooks",
                "/v1/waiting",
                "/v1/deliveries.csv")) {
            assertFalse(product.get(path, KEY).body().contains(NUMBER), path);
        }
        for (JsonNode item : product.read("/v1/deliveries", KEY).get("items")) {
            String attempts = product.get("/v1/deliveries/" + item.get("id").asText() + "/attempts", KEY)
                    .body();
            assertFalse(attempts.contains(NUMBER), attempts);
        }
        assertEquals(
                3, product.read("/v1/deliveries?event=kept", KEY).get("items").size());
        assertFalse(filesWith("46700000002").isEmpty());
    }

    @Test
    void keys_of_records_ids_in_reasons_and_texts_of_conditions_are_erased_too() {
        String newer = "newer-" + NUMBER;
        enriched(newer, "2026-11-24T10:00:00Z");
        JsonNode sent = delivery(newer, "enriches");
        assertEquals("delivered", sent.get("outcome").asText(), sent.toString());
        enriched("older", "2026-11-24T09:00:00Z");
        JsonNode superseded = delivery("older", "enriches");
        assertEquals("superseded by event " + newer, superseded.get("reason").asText());
        JsonNode judged = delivery(newer, "judges");
        assertTrue(judged.get("reason").asText().contains(NUMBER), judged.toString());

        done("{\"source\":\"/pbx\",\"id\":\"" + newer + "\"}");
        assertEquals(
                "superseded by an erased event",
                delivery("older", "enriches").get("reason").asText());
        done("{\"field\":\"data.web.contentsquare.userId\",\"equals\":\"" + NUMBER + "\"}");

        assertEquals(List.of(), filesWith(NUMBER));
        assertFalse(product.get("/v1/deliveries", KEY).body().contains(NUMBER));
        assertFalse(product.get("/v1/webhooks/judges", KEY).body().contains(NUMBER));
    }

    private void enriched(String id, String time) {
        String event = EVENT.formatted(
                        id,
                        "call/9",
                        "{\"answered\":true,\"duration\":60,\"web\":{\"contentsquare\":{\"projectId\":1,\"userId\":\""
                                + NUMBER + "\",\"sessionNumber\":1}}}")
                .replace("call.ended", "call.enriched")
                .replace("\"data\":", "\"time\":\"" + time + "\",\"data\":");
        assertEquals(202, product.postEvent(KEY, event).statusCode());
    }

    private JsonNode delivery(String event, String webhook) {
        return Awaitility.await()
                .atMost(Patience.LONG)
                .until(
                        () -> product.read("/v1/deliveries?event=" + event + "&webhook=" + webhook, KEY)
                                .at("/items/0"),
                        delivery -> delivery.path("endedAt").isTextual());
    }

    @Test
    void the_same_event_sent_again_is_a_duplicate_whatever_its_data() {
        post(KEY, "again", "call/1", "{\"anum\":\"" + NUMBER + "\"}", 202);
        done("{\"source\":\"/pbx\",\"id\":\"again\"}");

        post(KEY, "again", "call/1", "{\"anum\":\"" + NUMBER + "\"}", 200);
        post(KEY, "again", "call/1", "{\"anum\":\"other\"}", 200);
        assertEquals(0, product.read("/v1/events?event=again", KEY).get("items").size());
        assertFalse(product.read("/v1/deliveries?event=again", KEY).get("items").size() > 0);
        post(KEY, "later", "call/1", "{\"anum\":\"" + NUMBER + "\"}", 202);
        assertEquals(1, product.read("/v1/events?event=later", KEY).get("items").size());
    }

    @Test
    void an_account_erases_only_its_own_events_and_pending_deliveries_are_canceled() {
        post(KEY, "mine", "call/1", "{\"anum\":\"" + NUMBER + "\"}", 202);
        post(OTHER, "theirs", "call/1", "{\"anum\":\"" + NUMBER + "\"}", 202);

        JsonNode receipt = done("{\"subject\":\"call/1\"}");

        assertEquals(1, receipt.get("events").asInt());
        assertTrue(product.get("/v1/events?event=theirs", OTHER).body().contains("call/1"));
        JsonNode canceled = product.read("/v1/deliveries?status=canceled", KEY).get("items");
        assertTrue(canceled.size() >= 1, canceled.toString());
        canceled.forEach(
                delivery -> assertEquals("erased", delivery.get("reason").asText()));
        assertEquals(
                404,
                product.get("/v1/erasures/" + receipt.get("id").asText(), OTHER).statusCode());
        assertEquals(0, product.read("/v1/waiting", KEY).get("items").size());
    }

    @Test
    void the_audit_log_names_the_field_and_not_the_value() {
        done("{\"field\":\"data.anum\",\"equals\":\"" + NUMBER + "\"}");

        JsonNode entry = product.read("/v1/audit", KEY).at("/items/0");
        assertEquals(
                "started erasure",
                entry.get("action").asText() + " " + entry.get("kind").asText());
        assertEquals("data.anum", entry.get("detail").asText());
    }

    @Test
    void a_request_that_does_not_say_which_events_is_refused_with_the_way_out() {
        for (String body : List.of("{}", "{\"field\":\"data.anum\"}", "{\"subject\":\"a\",\"id\":\"b\"}")) {
            HttpResponse<String> refused = erase(KEY, body);
            assertEquals(422, refused.statusCode());
            assertTrue(refused.body().contains("'source' and 'id'"), refused.body());
        }
        assertEquals(422, erase(KEY, "{\"field\":\"data..x\",\"equals\":\"1\"}").statusCode());
        assertEquals(422, erase(KEY, "{\"subject\":\"\"}").statusCode());
    }

    @Test
    void an_erasure_that_was_begun_before_a_restart_ends_after_it() {
        for (int i = 0; i < 40; i++) {
            post(KEY, "e" + i, "call/" + i, "{\"anum\":\"" + NUMBER + "\"}", 202);
        }
        String id = RunningProduct.json(erase(KEY, "{\"field\":\"data.anum\",\"equals\":\"" + NUMBER + "\"}"))
                .get("id")
                .asText();
        product.stop();
        product.start();

        JsonNode receipt = Awaitility.await()
                .atMost(Patience.LONG)
                .until(
                        () -> product.read("/v1/erasures/" + id, KEY),
                        each -> each.get("state").asText().equals("done"));
        assertEquals(40, receipt.get("events").asInt());
        assertEquals(120, receipt.get("deliveries").asInt());
        assertEquals(List.of(), filesWith(NUMBER));
    }

    @Test
    void a_restored_backup_is_erased_again_by_the_receipts_for_events_before_them() throws Exception {
        post(KEY, "before", "call/1", "{\"anum\":\"" + NUMBER + "\"}", 202);
        product.stop();
        Path backup = folder.resolve("backup.db");
        assertEquals(0, command("--backup", backup.toString()));
        product.start();
        done("{\"field\":\"data.anum\",\"equals\":\"" + NUMBER + "\"}");
        Path receipts = folder.resolve("receipts.json");
        Files.writeString(receipts, product.get("/v1/erasures", KEY).body());
        product.stop();
        Files.copy(backup, product.storeFile(), StandardCopyOption.REPLACE_EXISTING);
        product.start();
        post(KEY, "after", "call/1", "{\"anum\":\"" + NUMBER + "\"}", 202);
        product.stop();

        assertEquals(0, command("--erase-again", receipts.toString()));

        product.start();
        assertEquals(1, product.read("/v1/events", KEY).get("items").size() - 1);
        assertTrue(product.get("/v1/events?event=after", KEY).body().contains("\"hasPayload\":true"));
        assertEquals(
                0, product.read("/v1/events?event=before", KEY).get("items").size());
        post(KEY, "before", "call/1", "{\"anum\":\"" + NUMBER + "\"}", 200);
        Files.writeString(receipts, "{\"id\":\"er_1\"}");
        product.stop();
        assertEquals(1, command("--erase-again", receipts.toString()));
    }

    private int command(String... arguments) throws Exception {
        Files.writeString(
                folder.resolve("application.properties"),
                "webhooks.store.url=jdbc:sqlite:" + product.storeFile() + "\n");
        return CommandLine.in(folder, System.out, System.err, arguments);
    }
}
