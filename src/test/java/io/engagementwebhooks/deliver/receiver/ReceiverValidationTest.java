package io.engagementwebhooks.deliver.receiver;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.egress.EgressClient;
import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.deliver.egress.EgressSettings;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.outcome.Permissions;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.Receiver.Reply;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.SampleDelivery;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.testkit.TestResolver;
import io.engagementwebhooks.webhook.WebhookId;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** CloudEvents' validation (semantics 47). */
class ReceiverValidationTest {

    private static final String KEY = "a-key-of-acme-000";
    private static final String ORIGIN = "webhooks.example.com";
    private static final String CALLBACKS = "https://webhooks.example.com/v1/validations/";
    private static final Reply GRANTED = granting("WebHook-Allowed-Origin", ORIGIN);

    private volatile Reply toOptions = GRANTED;

    @AutoClose
    private final Receiver receiver = new Receiver(got -> got.method().equals("OPTIONS") ? toOptions : new Reply(204));

    @AutoClose
    private RunningProduct product;

    private static Reply granting(String... headers) {
        return headers.length == 2
                ? new Reply(200, Map.of(headers[0], headers[1]), "")
                : new Reply(200, Map.of(headers[0], headers[1], headers[2], headers[3]), "");
    }

    private void start(String retry) {
        start(retry, "");
    }

    private void start(String retry, String more) {
        product = RunningProduct.shared(
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: %s}]
                    webhooks:
                      - name: crm
                        events: ["*"]
                        retry: [%s]
                        delivery: {url: "%s", validation: cloudevents%s}
                """
                        .formatted(KEY, retry, receiver.url(), more));
    }

    private void send(String... ids) {
        for (String id : ids) {
            String event = "{\"id\":\"" + id + "\",\"source\":\"/s\",\"type\":\"call.ended\",\"data\":{}}";
            assertEquals(202, product.postEvent(KEY, event).statusCode());
        }
    }

    private List<String> methods() {
        return receiver.requests().stream().map(Receiver.Got::method).toList();
    }

    private long posts() {
        return methods().stream().filter("POST"::equals).count();
    }

    private JsonNode waiting(String id, String kind) {
        return await().until(
                        () -> product.read("/v1/deliveries?event=" + id, KEY).at("/items/0"),
                        delivery -> delivery.at("/waitingFor/kind").asText().equals(kind));
    }

    private JsonNode refused(String id) {
        return waiting(id, "permission");
    }

    private JsonNode test() {
        return RunningProduct.json(product.post("/v1/webhooks/crm/test", KEY, "application/json", "{}"));
    }

    private JsonNode permission() {
        return product.read("/v1/webhooks/crm", KEY).get("permission");
    }

    /** The token of the last request for permission. */
    private String token() {
        String callback = receiver.requests().stream()
                .map(got -> got.header("WebHook-Request-Callback"))
                .filter(Objects::nonNull)
                .reduce((one, later) -> later)
                .orElseThrow();
        assertTrue(callback.startsWith(CALLBACKS), callback);
        return callback.substring(CALLBACKS.length());
    }

    private HttpResponse<String> grant(String method, String token, String... headers) {
        HttpRequest.Builder request =
                product.request("/v1/validations/" + token, null).method(method, HttpRequest.BodyPublishers.noBody());
        return product.send((headers.length == 0 ? request : request.headers(headers)).build());
    }

    @Test
    void semantics_47_a_receiver_that_permits_is_asked_once_before_the_first_delivery() {
        start("1h");
        assertEquals(
                "{\"granted\":false,\"until\":null,\"requestsPerMinute\":null,\"reason\":null}", permission() + "");
        for (String id : List.of("e1", "e2", "e3")) {
            send(id);
            product.awaitDeliveries(KEY, id, 1, "delivered");
        }
        assertEquals(List.of("OPTIONS", "POST", "POST", "POST"), methods());
        Receiver.Got question = receiver.requests().get(0);
        assertEquals(ORIGIN, question.header("WebHook-Request-Origin"));
        assertNull(question.header("WebHook-Request-Rate"));
        assertNull(question.header("Authorization"));
        Receiver.Got delivery = receiver.requests().get(1);
        assertEquals(delivery.target(), question.target());
        assertEquals(ORIGIN, delivery.header("WebHook-Request-Origin"), "the specification's 4.1.2");
        assertTrue(permission().get("granted").asBoolean());
    }

    @Test
    void semantics_47_any_origin_permits_too() {
        toOptions = granting("WebHook-Allowed-Origin", "*");
        start("1h");
        send("e1");
        product.awaitDeliveries(KEY, "e1", 1, "delivered");
    }

    @Test
    void semantics_47_without_permission_deliveries_wait_without_an_attempt_and_say_what_was_answered() {
        toOptions = new Reply(403);
        start("1h");
        send("e1");
        JsonNode delivery = refused("e1");
        String reason =
                "The endpoint has not permitted webhooks from webhooks.example.com: it answered OPTIONS with 403";
        assertEquals(reason, delivery.get("reason").asText());
        assertEquals(0, delivery.get("attemptCount").asInt());
        send("e2");
        refused("e2");
        assertEquals(List.of("OPTIONS"), methods(), "until it is asked again, no delivery asks");
        assertFalse(permission().get("granted").asBoolean());
        assertEquals(reason, permission().get("reason").asText());
        assertEquals(delivery.at("/waitingFor/until"), permission().get("until"));
    }

    @Test
    void semantics_47_the_permission_of_another_origin_is_none() {
        toOptions = granting("WebHook-Allowed-Origin", "other.example.com");
        start("1h");
        send("e1");
        assertTrue(refused("e1").get("reason").asText().endsWith("with 200 and allows another origin"));
    }

    @Test
    void semantics_47_a_receiver_that_ignores_OPTIONS_gets_nothing() {
        toOptions = new Reply(200);
        start("1h");
        send("e1");
        assertTrue(refused("e1").get("reason").asText().endsWith("with 200 without WebHook-Allowed-Origin"));
        assertEquals(List.of("OPTIONS"), methods());
    }

    @Test
    void semantics_47_the_receiver_is_asked_again_by_the_gaps_of_the_retry_schedule() {
        toOptions = new Reply(503);
        start("1s");
        send("e1");
        await().until(() -> methods().size() >= 2);
        assertFalse(methods().contains("POST"));
        toOptions = GRANTED;
        JsonNode delivered = product.awaitDeliveries(KEY, "e1", 1, "delivered");
        assertEquals(1, delivered.at("/0/attemptCount").asInt());
    }

    @Test
    void semantics_47_a_manual_retry_asks_at_once_and_a_grant_sends_all_that_waits() {
        toOptions = new Reply(403);
        start("1h");
        send("e1", "e2");
        String id = refused("e1").get("id").asText();
        refused("e2");
        toOptions = GRANTED;
        assertEquals(
                202,
                product.post("/v1/deliveries/" + id + "/retry", KEY, "application/json", "")
                        .statusCode());
        product.awaitDeliveries(KEY, "e1", 1, "delivered");
        product.awaitDeliveries(KEY, "e2", 1, "delivered");
        assertEquals(List.of("OPTIONS", "OPTIONS", "POST", "POST"), methods());
    }

    @Test
    void semantics_47_the_receivers_rate_bounds_the_requests_also_those_that_waited() {
        toOptions = new Reply(403);
        start("1h", ", rateLimit: 10/s");
        send("e1", "e2", "e3", "e4");
        List.of("e1", "e2", "e3", "e4").forEach(this::refused);
        assertEquals("600", receiver.requests().get(0).header("WebHook-Request-Rate"));
        assertEquals(200, grant("POST", token(), "WebHook-Allowed-Rate", "1").statusCode());
        await().until(() -> posts() == 1);
        long limited = await().until(
                        () -> List.of("e1", "e2", "e3", "e4").stream()
                                .filter(id -> product.read("/v1/deliveries?event=" + id, KEY)
                                        .at("/items/0/waitingFor/kind")
                                        .asText()
                                        .equals("rate-limit"))
                                .count(),
                        count -> count == 3);
        assertEquals(3, limited);
        assertEquals(1, posts());
        assertEquals(1, permission().get("requestsPerMinute").asInt());
    }

    @Test
    void semantics_47_a_rate_above_the_rateLimit_and_an_asterisk_change_nothing() {
        toOptions = granting("WebHook-Allowed-Origin", "*", "WebHook-Allowed-Rate", "*");
        start("1h", ", rateLimit: 1/h");
        send("e1", "e2");
        product.awaitDeliveries(KEY, "e1", 1, "delivered");
        waiting("e2", "rate-limit");
        assertEquals("1", receiver.requests().get(0).header("WebHook-Request-Rate"));
        assertTrue(permission().get("requestsPerMinute").isNull());
    }

    @Test
    void semantics_47_the_grant_of_a_former_URL_does_not_hold() {
        start("1h");
        send("e1");
        product.awaitDeliveries(KEY, "e1", 1, "delivered");
        toOptions = new Reply(405);
        product.config(
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: %s}]
                    webhooks:
                      - name: crm
                        events: ["*"]
                        delivery: {url: "http://127.0.0.1:%d/other", validation: cloudevents}
                """
                        .formatted(KEY, receiver.port()));
        send("e2");
        refused("e2");
        assertEquals(List.of("OPTIONS", "POST", "OPTIONS"), methods());
        assertEquals(URI.create("/other"), receiver.requests().get(2).target());
    }

    @Test
    void semantics_47_a_webhook_that_does_not_ask_any_more_leaves_nothing_in_the_store() {
        toOptions = new Reply(403);
        start("1h");
        send("e1");
        refused("e1");
        Permissions permissions =
                new Permissions(product.part("store", Store.class).settings());
        WebhookId webhook = new WebhookId(product.account("acme"), product.webhookId(KEY, "crm"), "crm");
        assertTrue(permissions.of(webhook).isPresent());
        product.config(
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: %s}]
                    webhooks: [{name: crm, events: ["*"], delivery: {url: "%s"}}]
                """
                        .formatted(KEY, receiver.url()));
        product.awaitDeliveries(KEY, "e1", 1, "delivered");
        await().until(() -> permissions.of(webhook).isEmpty());
        assertEquals(404, grant("GET", token()).statusCode());
    }

    @Test
    void semantics_47_a_test_asks_at_once_and_its_grant_holds_for_deliveries() {
        toOptions = new Reply(403);
        start("1h");
        send("e1");
        refused("e1");
        JsonNode refusal = test();
        assertEquals("not-sent", refusal.get("outcome").asText());
        assertTrue(refusal.get("reason").asText().endsWith("with 403"));
        toOptions = GRANTED;
        assertEquals("delivered", test().get("outcome").asText());
        product.awaitDeliveries(KEY, "e1", 1, "delivered");
        assertEquals(List.of("OPTIONS", "OPTIONS", "OPTIONS", "POST", "POST"), methods());
        assertNull(receiver.requests().get(1).header("WebHook-Request-Callback"), "it is bound to a stored webhook");
    }

    @Test
    void semantics_47_a_receiver_grants_later_by_a_callback_that_works_once() {
        toOptions = new Reply(200);
        start("1h");
        send("e1");
        String shown = refused("e1").toString();
        String token = token();
        assertEquals(16, Base64.getUrlDecoder().decode(token).length, "128 bits");
        assertEquals(404, grant("GET", "A" + token.substring(1) + "A").statusCode());
        assertEquals(405, grant("PUT", token).statusCode());
        assertEquals(200, grant("GET", token).statusCode());
        product.awaitDeliveries(KEY, "e1", 1, "delivered");
        HttpResponse<String> again = grant("POST", token);
        assertEquals(404, again.statusCode());
        assertTrue(again.body().contains("works once"), again.body());
        assertEquals(List.of("OPTIONS", "POST"), methods());
        String everything = shown
                + product.read("/v1/deliveries?event=e1", KEY)
                + product.read("/v1/webhooks/crm", KEY)
                + product.read(
                        "/v1/deliveries/"
                                + product.read("/v1/deliveries?event=e1", KEY)
                                        .at("/items/0/id")
                                        .asText() + "/attempts",
                        KEY);
        assertFalse(everything.contains(token), "the token is shown nowhere");
    }

    @Test
    void semantics_47_a_former_token_ends_when_the_receiver_is_asked_again() {
        toOptions = new Reply(403);
        start("1s");
        send("e1");
        refused("e1");
        String first = token();
        await().until(() -> methods().size() >= 2);
        assertEquals(404, grant("GET", first).statusCode());
    }

    @Test
    void semantics_47_a_grant_ends_after_24_hours_and_a_receiver_may_withdraw_it_then() {
        start("1h");
        SettableClock clock = new SettableClock(Instant.now());
        EgressClient egress = new EgressClient(
                new EgressRules(EgressSettings.of("127.0.0.0/8", "", "")), "test", clock, TestResolver.OF_MACHINE);
        try (egress) {
            ReceiverValidation validation = new ReceiverValidation(
                    new PermissionRequest(
                            egress, new PermissionRequest.Sender(ORIGIN, Optional.empty()), new SecureRandom(), clock),
                    new Permissions(product.part("store", Store.class).settings()),
                    (webhook, rate) -> {},
                    (account, task) -> task.run(),
                    clock);
            assertNull(asked(validation, clock).join());
            clock.pass(Duration.ofHours(24).minusMillis(1));
            assertNull(asked(validation, clock).join());
            assertEquals(List.of("OPTIONS"), methods());
            clock.pass(Duration.ofMillis(1));
            toOptions = new Reply(403);
            Throwable withdrawn =
                    asked(validation, clock).handle((done, failure) -> failure).join();
            assertTrue(withdrawn.getCause() instanceof NothingSentException, withdrawn.toString());
            assertEquals(List.of("OPTIONS", "OPTIONS"), methods());
            assertNull(receiver.requests().get(0).header("WebHook-Request-Callback"), "no public address is set");
        }
    }

    private CompletableFuture<Void> asked(ReceiverValidation validation, SettableClock clock) {
        DefaultExchange exchange = new DefaultExchange(new DefaultCamelContext());
        return validation.permitted(
                DeliveryContext.put(
                        exchange,
                        new SampleDelivery(receiver.url())
                                .named("asked-by-time")
                                .delivery()),
                new OutgoingRequest(
                        "acme",
                        receiver.url(),
                        "POST",
                        new byte[0],
                        clock.instant().plusSeconds(5)));
    }
}
