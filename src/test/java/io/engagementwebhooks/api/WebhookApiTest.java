package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.webhook.PublicUrl;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Webhooks, their states and credentials (semantics 11, 13, 24), on the running product. */
@Timeout(300)
class WebhookApiTest {

    private static final String READ = TwoAccounts.readKey("acme");
    private static final String ADMIN = TwoAccounts.adminKey("acme");
    private volatile Receiver.Reply reply = new Receiver.Reply(204);

    @AutoClose
    private final Receiver receiver = new Receiver(got -> reply);

    @AutoClose
    private final RunningProduct product = RunningProduct.shared(TwoAccounts.delivering(receiver.url()));

    private JsonNode calls() {
        return product.read("/v1/webhooks/calls", READ);
    }

    private HttpResponse<String> change(String what) {
        return product.post("/v1/webhooks/calls/" + what, ADMIN, "application/json", "");
    }

    @Test
    void webhooks_are_listed_by_name_in_pages() {
        List<String> names = new ArrayList<>();
        String next = "";
        while (next != null) {
            JsonNode page = product.read("/v1/webhooks?limit=2" + next, READ);
            page.get("items").forEach(item -> names.add(item.get("name").asText()));
            next = page.get("next").isNull()
                    ? null
                    : "&cursor=" + page.get("next").asText();
        }
        assertEquals(List.of("calls", "conditioned", "granted", "sessions", "tasks"), names);
    }

    @Test
    void a_webhook_is_shown_without_secrets() {
        JsonNode conditioned = product.read("/v1/webhooks/conditioned", READ);
        assertEquals(
                "https://crm.example.com/hooks?token=…&…",
                conditioned.at("/definition/delivery/url").asText());
        assertEquals(
                "{\"type\":\"header\",\"user\":\"us\",\"password\":\"***\"}",
                conditioned.at("/definition/delivery/authentication").toString());
        JsonNode listed = product.read("/v1/webhooks?text=conditioned", READ).at("/items/0");
        assertEquals(conditioned.get("definition"), listed.get("definition"));
    }

    /** CVE-2026-78164: no text of a customer or an event is resolved as a Camel property. */
    @Test
    void what_looks_like_a_placeholder_is_sent_as_it_is_or_refused() {
        String webhook =
                """
                {"name": "literal", "events": ["literal.sent"], "delivery": {"url": "%s/%s",
                 "headers": {"X-Text": "{{env:PATH}}"}, "authentication": {"type": "none"}}}""";
        String origin = "http://127.0.0.1:" + receiver.port();
        assertEquals(
                422,
                product.post("/v1/webhooks", ADMIN, "application/json", webhook.formatted(origin, "{{env:PATH}}"))
                        .statusCode());
        HttpResponse<String> made = product.post(
                "/v1/webhooks",
                ADMIN,
                "application/json",
                webhook.formatted(origin, "%7B%7Benv:PATH%7D%7D?q=$%7Benv:PATH%7D"));
        assertEquals(201, made.statusCode(), made.body());
        String event =
                """
                {"id": "literal", "source": "/t", "type": "literal.sent", "data": {"a": "{{env:PATH}} ${env:PATH}"}}""";
        assertEquals(202, product.postEvent(ADMIN, event).statusCode());
        product.awaitDeliveries(READ, "literal", 1, "delivered");

        Receiver.Got got = receiver.requests().get(receiver.requests().size() - 1);
        assertEquals("/%7B%7Benv:PATH%7D%7D?q=$%7Benv:PATH%7D", got.target().toString());
        assertEquals("{{env:PATH}}", got.header("X-Text"));
        assertTrue(got.body().contains("{{env:PATH}} ${env:PATH}"), got.body());
    }

    @Test
    void a_paused_webhook_keeps_its_deliveries_until_it_is_resumed() {
        HttpResponse<String> paused = change("pause");
        assertEquals(200, paused.statusCode(), paused.body());
        assertEquals("paused", RunningProduct.json(paused).get("state").asText());
        assertEquals("paused by key 'staff'", calls().get("reason").asText());
        Instant since = Instant.parse(calls().get("since").asText());
        assertEquals(202, product.postEvent(ADMIN, TwoAccounts.event("kept")).statusCode());

        JsonNode waiting = product.awaitDeliveries(READ, "kept", 1, "paused").get(0);
        assertTrue(waiting.get("next").isNull());
        assertEquals(1, calls().get("waiting").asInt());
        assertEquals(
                1,
                product.read("/v1/webhooks", READ)
                        .get("items")
                        .get(0)
                        .get("waiting")
                        .asInt());
        assertEquals(
                0,
                product.read("/v1/webhooks", TwoAccounts.readKey("other"))
                        .get("items")
                        .get(0)
                        .get("waiting")
                        .asInt());
        change("pause");
        assertEquals(since, Instant.parse(calls().get("since").asText()));
        assertEquals(0, receiver.requests().size());

        JsonNode resumed = RunningProduct.json(change("resume"));
        assertEquals("active", resumed.get("state").asText());
        assertTrue(resumed.get("reason").isNull());
        product.awaitDeliveries(READ, "kept", 1, "delivered");
        assertEquals(0, calls().get("waiting").asInt());
    }

    @Test
    void a_webhook_whose_receiver_answers_410_is_disabled_and_keeps_its_deliveries() {
        reply = new Receiver.Reply(410);
        product.postEvent(ADMIN, TwoAccounts.event("gone"));
        product.awaitDeliveries(READ, "gone", 1, "gave-up");
        Awaitility.await().until(() -> calls().get("state").asText().equals("disabled"));
        assertTrue(calls().get("reason").asText().contains("410"), calls().toString());
        product.postEvent(ADMIN, TwoAccounts.event("after"));
        product.awaitDeliveries(READ, "after", 1, "paused");

        HttpResponse<String> pause = change("pause");
        assertEquals(409, pause.statusCode());
        assertTrue(pause.body().contains("webhook-disabled"), pause.body());
        reply = new Receiver.Reply(204);
        change("resume");
        product.awaitDeliveries(READ, "after", 1, "delivered");
        assertEquals("active", calls().get("state").asText());
    }

    /** Semantics 11. */
    @Test
    void a_sample_and_a_test_that_are_answered_410_disable_nothing() {
        reply = new Receiver.Reply(410);
        HttpResponse<String> sampled = product.post("/v1/event-types/call.ended/sample", ADMIN, "application/json", "");
        assertEquals(202, sampled.statusCode(), sampled.body());
        JsonNode sample = product.awaitDeliveries(
                        READ, RunningProduct.json(sampled).get("id").asText(), 1, "gave-up")
                .get(0);
        assertTrue(sample.get("reason").asText().contains("not a test"), sample.toString());
        JsonNode tested = RunningProduct.json(product.post("/v1/webhooks/calls/test", ADMIN, "application/json", "{}"));
        assertEquals("gave-up", tested.get("outcome").asText(), tested.toString());
        assertEquals("active", calls().get("state").asText());
        reply = new Receiver.Reply(204);
        product.postEvent(ADMIN, TwoAccounts.event("real"));
        product.awaitDeliveries(READ, "real", 1, "delivered");
        assertEquals("active", calls().get("state").asText());
    }

    @Test
    void a_delay_requested_by_the_receiver_is_shown() {
        reply = new Receiver.Reply(429, java.util.Map.of("Retry-After", "3600"), "");
        product.postEvent(ADMIN, TwoAccounts.event("slow"));
        Awaitility.await().until(() -> calls().get("holdUntil").isTextual());
        assertTrue(Instant.parse(calls().get("holdUntil").asText())
                .isAfter(Instant.now().plusSeconds(3000)));
        assertEquals("active", calls().get("state").asText());
    }

    @Test
    void an_invalid_body_of_a_change_is_refused() {
        for (String body : List.of("{\"reason\":\"x\"}", "[]", "{", "pause")) {
            HttpResponse<String> answer = product.post("/v1/webhooks/calls/pause", ADMIN, "application/json", body);
            assertEquals(400, answer.statusCode(), body);
            assertEquals("active", calls().get("state").asText());
        }
        assertEquals(
                400,
                product.post("/v1/webhooks/calls/pause?force=true", ADMIN, "application/json", "")
                        .statusCode());
    }

    @Test
    void connections_are_listed_without_their_secrets() {
        JsonNode connections = product.read("/v1/connections?limit=1", READ);
        assertEquals("insights", connections.get("items").get(0).get("name").asText());
        JsonNode second = product.read(
                "/v1/connections?limit=1&cursor=" + connections.get("next").asText(), READ);
        assertEquals(
                receiver.url().resolve("/").toString(),
                second.get("items").get(0).get("host").asText());
        assertTrue(second.get("next").isNull());
    }

    @Test
    void a_url_shows_neither_user_nor_the_values_of_its_query() {
        assertEquals(
                "https://h:8443/a%20b?x=…&…&y=…",
                PublicUrl.of(URI.create("https://me:secret@h:8443/a%20b?x=1=2&3&y=")));
        assertEquals("http://h", PublicUrl.of(URI.create("http://h")));
    }
}
