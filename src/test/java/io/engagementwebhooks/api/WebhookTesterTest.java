package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Previews and tests of webhooks, and statistics of accounts. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WebhookTesterTest {

    private static final String ADMIN = TwoAccounts.adminKey("acme");
    private static final String READ = TwoAccounts.readKey("acme");
    private final CountDownLatch slow = new CountDownLatch(1);
    private Receiver receiver;
    private RunningProduct product;
    private ApiClient acme;

    @BeforeAll
    void start() {
        receiver = new Receiver(got -> {
            if (got.target().getPath().endsWith("slow")) {
                Patience.await(slow);
            }
            return new Receiver.Reply(
                    got.target().getPath().endsWith("broken") ? 500 : 200,
                    Map.of("X-Receiver", "r"),
                    "you sent " + got.header("Authorization") + got.body());
        });
        product = RunningProduct.shared(TwoAccounts.delivering(receiver.url()));
        acme = new ApiClient(product, ADMIN);
    }

    @AfterAll
    void stop() {
        slow.countDown();
        product.close();
        receiver.close();
    }

    private String definition(String more) {
        return "`definition`: {`name`: `draft`, `events`: [`call.ended`], " + more + "}";
    }

    @Test
    void a_preview_shows_the_request_with_its_secrets_masked() {
        JsonNode preview = acme.posted(
                200,
                "/v1/webhooks/preview",
                "{"
                        + definition("`delivery`: {`url`: `https://crm.example.com/hook?token=hush-query`,"
                                + " `headers`: {`X-Api-Key`: `hush-header`, `X-Call`: `{cdr_id}`},"
                                + " `body`: `{\\\"seconds\\\": {duration}}`,"
                                + " `authentication`: {`type`: `header`, `user`: `us`, `password`: `hush-password`}}")
                        + "}");
        assertTrue(preview.get("matches").asBoolean());
        JsonNode request = preview.get("request");
        assertEquals("{\"seconds\": 192}", request.get("body").asText());
        assertEquals("Basic ***", request.at("/headers/Authorization").asText());
        assertEquals("***", request.at("/headers/X-Api-Key").asText());
        assertEquals("914022177", request.at("/headers/X-Call").asText());
        assertEquals("https://crm.example.com/hook?token=…", request.get("url").asText());
        assertFalse(preview.toString().contains("hush"), preview.toString());
    }

    @Test
    void a_preview_and_a_test_show_the_digits_and_the_depth_that_a_delivery_has() {
        String event = "{`id`: `exact`, `source`: `/x`, `type`: `call.ended`, `data`: {`price`: 10.00,"
                + " `sum`: 12345678901234567890.12, `rate`: 1.50e-3, `deep`: " + "[".repeat(198) + "]".repeat(198)
                + "}}";
        String own = definition("`delivery`: {`url`: `%s`, `body`: `{\\\"p\\\": \\\"{price}\\\", \\\"s\\\": {sum}}`}"
                .formatted(receiver.url()));
        String meant = "{\"p\": \"10.00\", \"s\": 12345678901234567890.12}";
        JsonNode preview = acme.posted(200, "/v1/webhooks/preview", "{" + own + ", `event`: " + event + "}");
        assertEquals(meant, preview.at("/request/body").asText(), preview.toString());
        JsonNode test = acme.posted(200, "/v1/webhooks/draft/test", "{`event`: " + event + "  ," + own + "}");
        assertEquals(meant, test.at("/request/body").asText(), test.toString());
        assertTrue(receiver.requests().stream().anyMatch(got -> got.body().equals(meant)));

        assertEquals(202, product.postEvent(ADMIN, event.replace('`', '"')).statusCode());
        product.awaitDeliveries(READ, "exact", 1, "delivered");
        JsonNode whole = acme.posted(200, "/v1/webhooks/preview", "{`webhook`: `calls`, `event`: " + event + "}");
        String body = whole.at("/request/body").asText();
        assertTrue(body.contains("\"price\": 10.00,") && body.contains("1.50e-3"), body);
        assertTrue(receiver.requests().stream().anyMatch(got -> got.body().equals(body)), body);
    }

    @Test
    void a_preview_reports_errors_of_the_body() {
        String deep = "{`webhook`: `calls`, `event`: {`id`: `1`, `source`: `/x`, `type`: `call.ended`, `data`: "
                + "[".repeat(200) + "]".repeat(200) + "}}";
        assertBad(deep, "nested deeper than 200 levels");
        assertBad("{`webhook`: `calls`, `event`: {`id`: `1`, `id`: `2`}}", "the same key twice");
        assertBad("{`webhook`: `calls`, `webhook`: `tasks`}", "has member 'webhook' twice");
        assertBad("{`webhook`: `calls`, `evnet`: {}}", "no member 'evnet'");
        assertBad("{`definition`: {`name`: " + "[".repeat(40) + "]".repeat(40) + "}}", "nested deeper than 40 levels");
        assertBad("{`definition`: {`name`: " + "1".repeat(1001) + "}}", "a number of more than 1000 characters");
        for (String broken : List.of("{`webhook`: `calls`", "{`webhook`: `calls`} 1", "{`event`: [1, }")) {
            assertBad(broken, "the body is not JSON");
        }
        assertBad("[1]", "must be a JSON object");
    }

    private void assertBad(String body, String why) {
        HttpResponse<String> answer = acme.post("/v1/webhooks/preview", body);
        assertEquals(400, answer.statusCode(), answer.body());
        assertTrue(answer.body().contains(why), answer.body());
    }

    @Test
    void a_body_may_begin_with_a_byte_order_mark() {
        assertTrue(acme.posted(
                        200,
                        "/v1/webhooks/preview",
                        "\uFEFF{" + definition("`delivery`: {`url`: `https://crm.example.com/hook`}") + "}")
                .get("matches")
                .asBoolean());
    }

    @Test
    void a_preview_says_why_nothing_would_be_sent() {
        String url = "`delivery`: {`url`: `https://crm.example.com/`}";
        JsonNode other = acme.posted(
                200,
                "/v1/webhooks/preview",
                "{" + definition(url) + ", `event`: {`id`: `1`, `source`: `/x`, `type`: `call.missed`}}");
        assertEquals(
                "the webhook does not subscribe to type call.missed",
                other.get("why").asText());
        JsonNode condition = acme.posted(
                200, "/v1/webhooks/preview", "{" + definition("`condition`: `.data.duration > 999`, " + url) + "}");
        assertEquals("the condition is not true", condition.get("why").asText());
        JsonNode failed = acme.posted(
                200, "/v1/webhooks/preview", "{" + definition("`condition`: `.data | error`, " + url) + "}");
        assertTrue(failed.get("why").asText().startsWith("the condition failed: "), failed.toString());
        JsonNode fault = acme.posted(
                200,
                "/v1/webhooks/preview",
                "{" + definition("`delivery`: {`url`: `https://crm.example.com/`, `bodyJq`: `.data | error`}") + "}");
        assertTrue(fault.get("request").isNull());
        assertTrue(fault.get("fault").asText().contains("jq"), fault.toString());
        assertEquals(
                422,
                acme.post("/v1/webhooks/preview", "{" + definition("`delivery`: {}") + "}")
                        .statusCode());
        assertEquals(400, acme.post("/v1/webhooks/preview", "{}").statusCode());
        assertEquals(
                400,
                acme.post("/v1/webhooks/preview", "{`webhook`: `calls`, `event`: {`id`: 1}}")
                        .statusCode());
    }

    @Test
    void a_preview_of_third_parties_shows_what_would_be_written() {
        JsonNode task =
                acme.posted(200, "/v1/webhooks/preview", "{`webhook`: `tasks`}").get("request");
        assertEquals("Task", task.at("/records/0/object").asText());
        JsonNode enrichment = acme.posted(
                200,
                "/v1/webhooks/preview",
                "{`webhook`: `sessions`, `event`: {`id`: `1`, `source`: `/x`, `type`: `never.happens`, `data`:"
                        + " {`call_duration`: 5, `web`: {`contentsquare`: {`projectId`: 1, `userId`: `u`,"
                        + " `sessionNumber`: 2}}}}}");
        assertEquals(5, enrichment.at("/request/enrichment/call_duration").asInt(), enrichment.toString());
    }

    @Test
    void a_test_uses_the_real_route_and_no_attempt() {
        int before = product.read("/v1/deliveries?limit=200", READ).get("items").size();
        JsonNode result = acme.posted(
                200,
                "/v1/webhooks/new/test",
                "{"
                        + definition("`delivery`: {`url`: `%s?token=hush-query`, `authentication`: {`type`: `header`,"
                                        .formatted(receiver.url())
                                + " `user`: `us`, `password`: `hush-password`}}")
                        + "}");
        assertEquals("delivered", result.get("outcome").asText(), result.toString());
        assertEquals(200, result.at("/response/status").asInt());
        assertTrue(result.at("/response/body").asText().contains("***"), result.toString());
        assertEquals("Basic ***", result.at("/request/headers/Authorization").asText());
        assertTrue(result.at("/timing/wait").isNumber(), result.toString());
        assertFalse(result.toString().contains("hush"), result.toString());
        JsonNode broken = acme.posted(
                200,
                "/v1/webhooks/new/test",
                "{"
                        + definition("`delivery`: {`url`: `%s`}"
                                .formatted(receiver.url().resolve("/broken"))) + "}");
        assertEquals("try-later", broken.get("outcome").asText());
        JsonNode refused = acme.posted(
                200,
                "/v1/webhooks/new/test",
                "{" + definition("`delivery`: {`url`: `https://10.0.0.1.nip.invalid/`}") + "}");
        assertTrue(refused.get("response").isNull(), refused.toString());
        assertEquals(
                before,
                product.read("/v1/deliveries?limit=200", READ).get("items").size());
        assertEquals(404, acme.post("/v1/webhooks/unknown/test", "").statusCode());
    }

    @Test
    void a_stored_webhook_is_tested_with_an_event_that_was_accepted() {
        product.postEvent(ADMIN, TwoAccounts.event("accepted"));
        product.awaitDeliveries(READ, "accepted", 1, "delivered");
        JsonNode listed =
                product.read("/v1/events?event=accepted", READ).get("items").get(0);
        JsonNode shown = product.read("/v1/events/" + listed.get("id").asText(), READ);
        assertEquals(1, shown.at("/document/data/duration").asInt());
        assertEquals(
                404,
                product.get("/v1/events/" + listed.get("id").asText(), TwoAccounts.readKey("other"))
                        .statusCode());
        JsonNode result = acme.posted(
                200,
                "/v1/webhooks/calls/test",
                "{`eventId`: `" + listed.get("id").asText() + "`}");
        assertEquals("accepted", result.at("/event/id").asText());
        assertEquals("delivered", result.get("outcome").asText());
        assertEquals(
                404,
                product.post(
                                "/v1/webhooks/calls/test",
                                TwoAccounts.adminKey("other"),
                                "application/json",
                                "{\"eventId\": \"" + listed.get("id").asText() + "\"}")
                        .statusCode());
    }

    @Test
    void only_a_few_tests_of_an_account_run_at_a_time() throws Exception {
        String body = "{"
                + definition(
                        "`delivery`: {`url`: `%s`}".formatted(receiver.url().resolve("/slow"))) + "}";
        List<CompletableFuture<HttpResponse<String>>> running = new ArrayList<>();
        int before = receiver.requests().size();
        for (int i = 0; i < 2; i++) {
            running.add(CompletableFuture.supplyAsync(() -> acme.post("/v1/webhooks/new/test", body)));
        }
        Awaitility.await()
                .until(() -> receiver.requests().stream()
                                .filter(got -> got.target().getPath().endsWith("slow"))
                                .count()
                        == 2);
        HttpResponse<String> third = acme.post("/v1/webhooks/new/test", body);
        assertEquals(429, third.statusCode());
        assertTrue(third.headers().firstValue("Retry-After").isPresent());
        slow.countDown();
        for (CompletableFuture<HttpResponse<String>> one : running) {
            assertEquals(200, one.get().statusCode());
        }
    }

    @Test
    void statistics_show_events_attempts_and_unhealthy_webhooks() {
        long events = figures().at("/total/events").asLong();
        product.postEvent(ADMIN, TwoAccounts.event("figure"));
        product.awaitDeliveries(READ, "figure", 1, "delivered");
        JsonNode now = figures();
        assertTrue(now.at("/total/events").asLong() > events, now.toString());
        assertTrue(now.at("/total/delivered").asLong() >= 1);
        assertTrue(now.at("/total/p50").isNumber());
        assertEquals(1.0, now.at("/total/attemptSuccessRate").asDouble());
        assertEquals(
                "delivered",
                product.read("/v1/webhooks/calls", READ).get("lastOutcome").asText());
        assertEquals(
                "healthy",
                product.read("/v1/webhooks/calls", READ).at("/health/status").asText());
        acme.post("/v1/webhooks/tasks/pause", "");
        assertEquals("[\"tasks\"]", figures().get("troubled").toString());
        acme.post("/v1/webhooks/tasks/resume", "");
        assertEquals(
                0,
                product.read("/v1/figures", TwoAccounts.readKey("other"))
                        .at("/total/events")
                        .asInt());
    }

    private JsonNode figures() {
        return product.read("/v1/figures?hours=1", READ);
    }

    @Test
    void secret_form_fields_are_masked_in_every_response() {
        String definition =
                definition("`delivery`: {`url`: `%s`, `form`: {`call`: `{cdr_id}`, `api_token`: `hush form`}}"
                        .formatted(receiver.url()));
        JsonNode preview = acme.posted(200, "/v1/webhooks/preview", "{" + definition + "}");
        assertEquals("call=914022177&api_token=***", preview.at("/request/body").asText());
        JsonNode test = acme.posted(200, "/v1/webhooks/draft/test", "{" + definition + "}");
        assertEquals("delivered", test.get("outcome").asText());
        assertTrue(test.at("/response/body").asText().endsWith("call=914022177&api_token=***"), test.toString());
        assertFalse(test.toString().contains("hush"), test.toString());
    }
}
