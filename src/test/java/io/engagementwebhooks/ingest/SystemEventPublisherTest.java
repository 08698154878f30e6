package io.engagementwebhooks.ingest;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.event.EventJson;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.InterceptedStore;
import io.engagementwebhooks.testkit.MigratedSqlite;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SampleQuery;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.testkit.StrictTokenServer;
import io.engagementwebhooks.webhook.WebhookId;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** System events: who gets them, how often, and that they neither loop nor get lost (semantics 14, 26). */
@Timeout(300)
class SystemEventPublisherTest {

    private static final String KEY = "an-admin-key-of-acme";

    @TempDir
    Path folder;

    private static String config(String secret, StrictTokenServer tokens, Receiver receiver) {
        return """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: an-admin-key-of-acme}]
                    oauthClients:
                      - {name: crm, clientId: webhooks, clientSecret: "%1$s", authenticationEndpoint: "%2$s", tokenPath: ""}
                    webhooks:
                      - name: crm
                        events: [call.ended, webhook.*]
                        delivery: {url: "%3$s&to=crm", authentication: {type: oauth2, client: crm}}
                      - name: everything
                        events: ["*"]
                        delivery: {url: "%3$s&to=everything", authentication: {type: none}}
                      - name: watcher
                        events: [webhook.*, delivery.expiring]
                        delivery: {url: "%3$s&to=watcher", authentication: {type: none}}
                """
                .formatted(secret, tokens.url(), receiver.url());
    }

    private static List<String> typesAt(Receiver receiver, String webhook) {
        return receiver.requests().stream()
                .filter(got -> got.target().toString().endsWith("to=" + webhook))
                .map(got -> json(got.body()).get("type").asText())
                .toList();
    }

    private static JsonNode json(String text) {
        return EventJson.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    private static HttpResponse<String> send(RunningProduct product, String id) {
        return product.postEvent(KEY, "{\"id\":\"" + id + "\",\"source\":\"/s\",\"type\":\"call.ended\",\"data\":{}}");
    }

    @Test
    void a_refused_credential_is_reported_once_and_so_is_its_repair_to_those_who_ask_and_not_to_itself() {
        try (StrictTokenServer tokens = new StrictTokenServer("webhooks", "right", StrictTokenServer.Way.BASIC);
                Receiver receiver = new Receiver(got -> new Receiver.Reply(204));
                RunningProduct product = RunningProduct.shared(config("wrong", tokens, receiver))) {
            for (int i = 0; i < 10; i++) {
                assertEquals(202, send(product, "e" + i).statusCode());
            }
            await().until(() -> typesAt(receiver, "watcher").equals(List.of("webhook.failing")));
            JsonNode event = json(receiver.requests().stream()
                    .filter(got -> got.target().toString().endsWith("to=watcher"))
                    .findFirst()
                    .orElseThrow()
                    .body());
            assertEquals("/engagement-webhooks", event.get("source").asText());
            assertEquals("webhook/crm", event.get("subject").asText());
            assertEquals("crm", event.at("/data/webhook").asText());
            assertTrue(event.at("/data/reason").asText().contains("invalid_client"), event.toString());
            assertTrue(event.at("/data/waiting").asInt() > 0, event.toString());
            assertTrue(Instant.parse(event.at("/data/since").asText()).isBefore(Instant.now()));
            product.config(config("right", tokens, receiver));
            await().until(() -> typesAt(receiver, "watcher").equals(List.of("webhook.failing", "webhook.recovered")));
            for (int i = 0; i < 10; i++) {
                product.awaitDeliveries(KEY, "e" + i, 2, "delivered");
            }
            assertTrue(typesAt(receiver, "crm").stream().allMatch("call.ended"::equals));
            assertTrue(typesAt(receiver, "everything").stream().allMatch("call.ended"::equals));
        }
    }

    @Test
    void a_failing_subscriber_causes_no_further_system_events() {
        try (StrictTokenServer tokens = new StrictTokenServer("webhooks", "right", StrictTokenServer.Way.BASIC);
                Receiver receiver = new Receiver(
                        got -> new Receiver.Reply(got.target().toString().endsWith("to=watcher") ? 410 : 204));
                RunningProduct product = RunningProduct.shared(config("wrong", tokens, receiver))) {
            send(product, "e1");
            await().until(() -> product.read("/v1/webhooks/watcher", KEY)
                    .get("state")
                    .asText()
                    .equals("disabled"));
            Store store = product.part("store", Store.class);
            await().until(() -> store.outcomes().unpublishedSystemEvents(9).isEmpty());
            assertEquals(
                    1,
                    store.deliveries()
                            .deliveries(SampleQuery.of(
                                    product.account("acme"),
                                    product.webhookId(KEY, "watcher"),
                                    null,
                                    null,
                                    null,
                                    null,
                                    null,
                                    99))
                            .size());
            assertEquals(List.of(), typesAt(receiver, "crm"));
        }
    }

    @Test
    void events_with_the_system_source_are_refused_from_callers() {
        try (RunningProduct product = RunningProduct.shared(
                "accounts: [{id: acme, apiKeys: [{name: staff, role: admin, key: an-admin-key-of-acme}]}]")) {
            HttpResponse<String> plain = product.postEvent(
                    KEY, "{\"id\":\"1\",\"source\":\"/engagement-webhooks\",\"type\":\"webhook.failing\",\"data\":{}}");
            assertEquals(400, plain.statusCode());
            assertTrue(plain.body().contains("reserved-source"), plain.body());
            HttpResponse<String> binary = product.send(product.request("/v1/events", KEY)
                    .headers(
                            "ce-specversion",
                            "1.0",
                            "ce-id",
                            "1",
                            "ce-type",
                            "t",
                            "ce-source",
                            "%2Fengagement-webhooks")
                    .POST(java.net.http.HttpRequest.BodyPublishers.ofString(""))
                    .build());
            assertEquals(400, binary.statusCode());
            assertTrue(binary.body().contains("reserved-source"), binary.body());
        }
    }

    // --- a crash in between

    private static final WebhookId CRM = Ids.webhook("acme", "crm");
    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));

    /** A store that fails to remove published system events. */
    private static Store failingToRemove(Store store) {
        return InterceptedStore.of(store)
                .on("removeSystemEvent", (arguments, real) -> {
                    throw new StoreException("as if killed", null);
                })
                .build();
    }

    @Test
    void an_unpublished_system_event_is_published_once_after_a_crash() {
        try (SqliteStore store = MigratedSqlite.open(folder.resolve("webhooks.db"), clock)) {
            Outbox outbox = new Outbox(
                    store,
                    clock,
                    new Outbox.Limits(10_000, 9),
                    () -> -1,
                    (account, rest) -> rest.run(),
                    (account, task) -> task.run());
            WebhookLookup lookup =
                    WebhookLookupTest.lookup(() -> WebhookLookupTest.config("watcher", "webhook.*"), clock);
            SampleIntake intake = SampleIntake.event("e1").to("crm", clock);
            store.events()
                    .accept(List.of(intake.intake()))
                    .toCompletableFuture()
                    .join();
            store.outcomes()
                    .record(new AttemptResult(
                                    intake.deliveryId(),
                                    CRM,
                                    DeliveryState.WAITING,
                                    "refused",
                                    clock.instant(),
                                    null,
                                    null,
                                    null)
                            .withHealth(AttemptResult.Health.FAILING))
                    .toCompletableFuture()
                    .join();
            SystemEventPublisher killed = new SystemEventPublisher(failingToRemove(store), outbox, lookup);
            assertThrows(StoreException.class, killed::publish);
            // what the event says of now has changed in between, and it is the same event
            store.events()
                    .accept(List.of(SampleIntake.event("e2").to("crm", clock).intake()))
                    .toCompletableFuture()
                    .join();
            SystemEventPublisher next = new SystemEventPublisher(store, outbox, lookup);
            next.publish();
            next.publish();
            assertEquals(List.of(), store.outcomes().unpublishedSystemEvents(9));
            WebhookId watcher = Ids.webhook("acme", "watcher");
            assertEquals(Map.of(watcher, 1L), store.backlogs().pendingCounts(List.of(watcher)));
        }
    }

    @Test
    void a_410_is_reported_once_though_several_attempts_were_in_flight() {
        try (SqliteStore store = MigratedSqlite.open(folder.resolve("webhooks.db"), clock)) {
            for (int i = 0; i < 3; i++) {
                SampleIntake intake = SampleIntake.event("e" + i).to("crm", clock);
                store.events()
                        .accept(List.of(intake.intake()))
                        .toCompletableFuture()
                        .join();
                clock.pass(java.time.Duration.ofMillis(7));
                store.outcomes()
                        .record(gone(intake.deliveryId()))
                        .toCompletableFuture()
                        .join();
            }
            assertEquals(
                    1,
                    store.outcomes().unpublishedSystemEvents(9).size(),
                    store.outcomes().unpublishedSystemEvents(9).toString());
            store.outcomes()
                    .setState(CRM, WebhookState.State.ACTIVE, null, clock.instant())
                    .toCompletableFuture()
                    .join();
            SampleIntake probe = SampleIntake.event("probe").to("crm", clock);
            store.events().accept(List.of(probe.intake())).toCompletableFuture().join();
            store.outcomes()
                    .record(gone(probe.deliveryId()))
                    .toCompletableFuture()
                    .join();
            assertEquals(2, store.outcomes().unpublishedSystemEvents(9).size(), "it was resumed in between");
        }
    }

    private static AttemptResult gone(String delivery) {
        return new AttemptResult(delivery, CRM, DeliveryState.GAVE_UP, "410", null, null, null, "410");
    }
}
