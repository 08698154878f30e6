package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Definitions, uses and webhook states of accounts survive a restart. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DefinitionsRestartTest {

    private static final String ADMIN = TwoAccounts.adminKey("acme");

    private final List<FileAccount> accounts = new ArrayList<>();
    private final List<Receiver> receivers = new ArrayList<>();
    private final List<Runnable> beforeStop = new ArrayList<>();
    private final List<Runnable> whileStopped = new ArrayList<>();
    private RunningProduct product;

    @BeforeAll
    void start(@TempDir Path folder) {
        product = RunningProduct.start(folder, TwoAccounts.ONLY_ACME);
    }

    @AfterAll
    void stop() {
        product.close();
        receivers.forEach(Receiver::close);
        accounts.forEach(FileAccount::close);
    }

    private Receiver receiver(int status) {
        Receiver receiver = new Receiver(got -> new Receiver.Reply(status));
        receivers.add(receiver);
        return receiver;
    }

    private ApiClient account(String webhooksYaml) {
        return new ApiClient(product.with(webhooksYaml), ADMIN);
    }

    private static String webhook(String name, Receiver to) {
        return "{`name`: `" + name + "`, `events`: [`call.*`], `delivery`: {`url`: `" + to.url() + "`}}";
    }

    @TestFactory
    List<DynamicTest> after_a_restart() throws Exception {
        return OneRestart.of(this, () -> {
            beforeStop.forEach(Runnable::run);
            product.stop();
            whileStopped.forEach(Runnable::run);
            product.start();
        });
    }

    Executable a_webhook_created_with_the_api_gets_the_next_event() {
        ApiClient acme = account(TwoAccounts.ONLY_ACME);
        String etag = ApiClient.etag(acme.created("webhooks", webhook("made here", receiver(204))));
        return () -> {
            acme.event("two");
            JsonNode delivery = acme.awaitDeliveries("two", 1, "delivered").get(0);
            assertEquals("made here", delivery.get("webhook").asText());
            assertEquals(etag, acme.etagOf("/v1/webhooks/made%20here"));
        };
    }

    Executable an_event_type_made_by_the_api_is_checked() {
        ApiClient acme = account(TwoAccounts.ONLY_ACME);
        String etag = ApiClient.etag(
                acme.created(
                        "event-types",
                        "{`type`: `bill.paid`, `schema`: {`required`: [`total`]}, `sample`: {`total`: 1.50}, `check`: `refuse`}"));
        return () -> {
            assertEquals(etag, acme.etagOf("/v1/event-types/bill.paid"));
            String event = "{\"id\": \"b1\", \"source\": \"/shop\", \"type\": \"bill.paid\", \"data\": {}}";
            ApiClient.assertProblem(422, "event-invalid", acme.product().postEvent(acme.key(), event));
        };
    }

    Executable an_api_key_created_with_the_api_has_its_last_role() {
        ApiClient acme = account(TwoAccounts.ONLY_ACME);
        HttpResponse<String> made = acme.created("api-keys", "{`name`: `new`, `role`: `read`}");
        String key = RunningProduct.json(made).get("key").asText();
        String path = "/v1/api-keys/new";
        assertEquals(200, acme.change("PATCH", path, "{`role`: `admin`}").statusCode());
        return () -> assertEquals(200, product.get(path, key).statusCode());
    }

    Executable a_renamed_webhook_keeps_its_pending_deliveries() {
        Receiver receiver = receiver(204);
        ApiClient acme = account(TwoAccounts.ONLY_ACME);
        acme.created("webhooks", webhook("before", receiver));
        acme.did("before", "pause");
        acme.event("one");
        acme.awaitDeliveries("one", 1, "paused");
        HttpResponse<String> renamed = acme.change("PATCH", "/v1/webhooks/before", "{`name`: `after`}");
        assertEquals(200, renamed.statusCode(), renamed.body());
        assertEquals("paused", RunningProduct.json(renamed).get("state").asText());
        assertEquals(1, RunningProduct.json(renamed).get("waiting").asInt());
        acme.created("webhooks", webhook("before", receiver));
        return () -> {
            acme.did("after", "resume");
            acme.awaitDeliveries("one", 1, "delivered");
            assertEquals(0, acme.webhook("before").get("waiting").asInt());
        };
    }

    Executable a_pause_survives_it() {
        ApiClient acme = account(TwoAccounts.delivering(receiver(204).url()));
        acme.did("calls", "pause");
        JsonNode before = acme.webhook("calls");
        return () -> assertEquals(before, acme.webhook("calls"));
    }

    Executable the_last_key_of_an_account_is_not_removed_while_a_webhook_needs_one() {
        Receiver receiver = receiver(204);
        ApiClient acme = account(TwoAccounts.ONLY_ACME);
        acme.created("signing-keys", "{`id`: `s1`}");
        acme.created("signing-keys", "{`id`: `s2`}");
        acme.created(
                "webhooks", webhook("signed", receiver).replace("`delivery`: {", "`delivery`: {`signature`: `both`, "));
        acme.created("webhooks", webhook("plain", receiver));
        acme.delete("/v1/signing-keys/s1");
        UsedResourcesTest.assertInUse(
                acme.change("DELETE", "/v1/signing-keys/s2", ""), "signed", "'signature' needs a key");
        return () -> {
            acme.event("one");
            acme.awaitDeliveries("one", 2, "delivered");
            receiver.requests()
                    .forEach(got -> assertTrue(got.header("webhook-signature").startsWith("v1,")));
            HttpResponse<String> unsigned =
                    acme.change("PATCH", "/v1/webhooks/signed", "{`delivery`: {`signature`: `none`}}");
            assertEquals(200, unsigned.statusCode(), unsigned.body());
            acme.delete("/v1/signing-keys/s2");
        };
    }

    Executable the_last_use_of_a_key_is_stored() {
        ApiClient acme = account(ApiKeysTest.CONFIG);
        Instant before = Instant.now().minusMillis(1);
        assertTrue(ApiKeysTest.key(acme, "platform").get("lastUsedAt").isNull());
        assertEquals(
                202,
                acme.product()
                        .postEvent("the-ingest-key-of-today", TwoAccounts.event("1"))
                        .statusCode());
        String used = ApiKeysTest.key(acme, "platform").get("lastUsedAt").asText();
        assertFalse(Instant.parse(used).isBefore(before.truncatedTo(ChronoUnit.MILLIS)));
        return () -> {
            assertEquals(
                    used, ApiKeysTest.key(acme, "platform").get("lastUsedAt").asText());
            assertTrue(ApiKeysTest.key(acme, "before").get("lastUsedAt").isNull());
        };
    }

    Executable the_age_of_a_credential_begins_again_with_another_one_only() {
        String config = TwoAccounts.ONLY_ACME
                + "    oauthClients: [{name: crm, clientId: us, clientSecret: hush-secret, encoding: rfc6749,"
                + " parameters: {tenant_key: hush-tenant},"
                + " authenticationEndpoint: \"https://auth.example.com\"}]\n";
        ApiClient acme = account(config);
        String path = "/v1/oauth-clients/crm";
        String since = acme.read(path).get("credentialSince").asText();
        return () -> {
            assertEquals(since, acme.read(path).get("credentialSince").asText());
            String raw = config.replace("rfc6749", "raw");
            acme.product().config(raw);
            assertEquals("raw", acme.read(path).at("/definition/encoding").asText());
            assertEquals(since, acme.read(path).get("credentialSince").asText(), "the same secret");
            acme.product().config(raw.replace("hush-secret", "hush-other"));
            Instant changed =
                    Instant.parse(acme.read(path).get("credentialSince").asText());
            assertTrue(changed.isAfter(Instant.parse(since)));
            assertFalse(
                    new String(Files.readAllBytes(product.storeFile()), StandardCharsets.ISO_8859_1).contains("hush-"));
        };
    }

    Executable a_job_continues_and_sends_nothing_twice() {
        Receiver receiver = receiver(204);
        ApiClient acme = account(TwoAccounts.delivering(receiver.url()));
        acme.events("e", 0, 40);
        Awaitility.await()
                .until(() -> receiver.requests().size() == 40
                        && acme.webhook("calls").get("waiting").asInt() == 0);
        AtomicReference<String> job = new AtomicReference<>();
        beforeStop.add(() -> {
            JsonNode started = acme.posted(202, "/v1/replays", "{`webhook`: `calls`, `perSecond`: 20, `newId`: true}");
            job.set("/v1/replays/" + started.get("id").asText());
            Awaitility.await().until(() -> acme.read(job.get()).get("replayed").asInt() > 0);
        });
        return () -> {
            Awaitility.await()
                    .until(() -> !acme.read(job.get()).get("state").asText().equals("running"));
            Awaitility.await()
                    .until(() -> receiver.requests().size() >= 80
                            && acme.webhook("calls").get("waiting").asInt() == 0);
            List<String> replayed = new ArrayList<>();
            acme.read("/v1/deliveries?limit=200").get("items").forEach(delivery -> {
                if (delivery.get("replayOf").isTextual()) {
                    replayed.add(delivery.get("replayOf").asText());
                }
            });
            assertEquals(40, replayed.size());
            assertEquals(40, Set.copyOf(replayed).size(), replayed.toString());
        };
    }

    private FileAccount account() {
        FileAccount account = new FileAccount(product::with);
        accounts.add(account);
        return account;
    }

    Executable deliveries_of_a_webhook_removed_from_the_file_stay_and_are_sent_when_it_returns() {
        FileAccount acme = account();
        String id = acme.waiting("kept");
        acme.config(" []");
        assertEquals(404, acme.statusOf("calls"));
        assertEquals("paused", acme.stateOf(id));
        assertEquals(
                "webhook 'calls' (" + acme.api.delivery(id).get("webhookId").asText()
                        + ") is no longer configured; the delivery is sent when the webhook is configured again",
                acme.api.delivery(id).get("reason").asText());
        return () -> {
            assertEquals("paused", acme.stateOf(id));
            acme.api.event("unasked");
            acme.api.awaitDeliveries("unasked", 0);
            acme.status = 204;
            acme.config(acme.webhook("calls", ""));
            assertEquals(1, acme.did("calls", "release").get("deliveries").asInt());
            acme.api.idOf("kept", "delivered");
            assertEquals(2, acme.api.delivery(id).get("attemptCount").asInt());
            assertEquals(2, acme.receiver.requests().size());
        };
    }

    Executable a_delivery_of_a_deleted_webhook_is_read_but_not_replayed() {
        FileAccount acme = account();
        acme.status = 204;
        acme.api.event("orphan");
        String id = acme.api.idOf("orphan", "delivered");
        whileStopped.add(() -> acme.config(acme.webhook("renamed", "")));
        return () -> {
            assertEquals("calls", acme.api.delivery(id).get("webhook").asText());
            ApiClient.assertProblem(
                    409, "webhook-not-configured", acme.api.post("/v1/deliveries/" + id + "/replay", ""));
            ApiClient.assertProblem(404, "not-found", acme.api.get("/v1/webhooks/calls"));
        };
    }

    Executable a_webhook_renamed_in_the_file_keeps_its_pending_deliveries_and_state() {
        FileAccount acme = account();
        String id = acme.waiting("moved");
        acme.did("calls", "pause");
        acme.config(acme.webhook("ended calls", ", was: calls"));
        assertEquals(404, acme.statusOf("calls"));
        JsonNode renamed = acme.api.webhook("ended%20calls");
        assertEquals("paused", renamed.get("state").asText());
        assertEquals("paused by key 'staff'", renamed.get("reason").asText());
        assertEquals(1, renamed.get("waiting").asInt());
        assertEquals("ended calls", acme.api.delivery(id).get("webhook").asText());
        assertEquals("paused", acme.stateOf(id));
        return () -> {
            assertEquals(
                    "paused", acme.api.webhook("ended%20calls").get("state").asText());
            acme.status = 204;
            acme.did("ended%20calls", "resume");
            acme.did("ended%20calls", "release");
            acme.api.idOf("moved", "delivered");
            assertEquals(2, acme.receiver.requests().size());
        };
    }

    Executable an_inactive_webhook_keeps_its_deliveries_if_the_file_reuses_its_former_name() {
        String clients = "\n    oauthClients: [{name: crm, clientId: us, clientSecret: a-secret-of-us,"
                + " authenticationEndpoint: \"https://auth.example.com\"}]";
        FileAccount acme = account();
        acme.config(acme.webhook("ended calls", "") + clients);
        acme.created("calls", ", `authentication`: {`type`: `oauth2`, `client`: `crm`}");
        acme.did("calls", "pause");
        acme.did("ended%20calls", "pause");
        acme.api.event("own");
        acme.api.awaitDeliveries("own", 2, "paused");
        whileStopped.add(() -> acme.config(acme.webhook("ended calls", ", was: calls")));
        return () -> {
            assertEquals(1, acme.waitingFor("ended%20calls"));
            acme.config(acme.webhook("ended calls", "") + clients);
            assertEquals(1, acme.waitingFor("calls"));
        };
    }

    Executable a_webhook_of_the_file_keeps_its_deliveries_if_the_api_had_its_name_before() {
        FileAccount acme = account();
        acme.created("mine", "");
        assertEquals(200, acme.change("PATCH", "mine", "{`name`: `ours`}").statusCode());
        acme.config(acme.webhook("calls", "") + acme.webhook("mine", ""));
        List.of("calls", "mine", "ours").forEach(each -> acme.did(each, "pause"));
        acme.api.event("own");
        acme.api.awaitDeliveries("own", 3, "paused");
        acme.config(acme.webhook("calls", ""));
        assertEquals(404, acme.statusOf("mine"));
        assertEquals(1, acme.waitingFor("ours"));
        return () -> {
            assertEquals(1, acme.waitingFor("ours"));
            acme.config(acme.webhook("calls", "") + acme.webhook("mine", ""));
            assertEquals(1, acme.waitingFor("mine"));
        };
    }
}
