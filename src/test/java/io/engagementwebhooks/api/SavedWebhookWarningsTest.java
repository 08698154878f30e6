package io.engagementwebhooks.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Errors and warnings of a webhook when it is saved or previewed. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SavedWebhookWarningsTest {

    private static final String KEY = "an-admin-key-of-acme-0";

    @AutoClose
    private final RunningProduct product = RunningProduct.shared(
            "accounts: [{id: acme, apiKeys: [{name: staff, role: admin, key: %s}]}]".formatted(KEY));

    private static String webhook(String name, String events, String url, String body) {
        return """
                {"name": "%s", "events": ["%s"], "delivery": {"url": "%s", "body": "%s", "authentication": {"type": "none"}}}"""
                .formatted(name, events, url, body.replace("\"", "\\\""));
    }

    private JsonNode saved(String webhook) {
        HttpResponse<String> answer = product.post("/v1/webhooks", KEY, "application/json", webhook);
        assertEquals(201, answer.statusCode(), answer.body());
        return RunningProduct.json(answer).get("warnings");
    }

    @Test
    void plain_http_to_a_forbidden_address_is_refused() {
        HttpResponse<String> answer = product.post(
                "/v1/webhooks", KEY, "application/json", webhook("plain", "call.ended", "http://93.184.215.14/", "{}"));
        assertEquals(422, answer.statusCode(), answer.body());
        assertTrue(answer.body().contains("/delivery/url"), answer.body());
        assertTrue(answer.body().contains("use https"), answer.body());
    }

    @Test
    void a_macro_that_no_event_type_of_the_webhook_has_is_a_warning_when_it_is_saved_and_in_the_preview() {
        String body = "{\"a\": {nope}, \"b\": {duration}, \"c\": {data.agent.id}, \"d\": {custom_7}, \"e\": {id}}";
        String webhook = webhook("macros", "call.ended", "https://crm.example.com/", body);
        JsonNode warnings = saved(webhook);
        assertEquals(1, warnings.size(), warnings.toString());
        assertTrue(warnings.get(0).asText().startsWith("macro {nope} names no field"), warnings.toString());
        HttpResponse<String> preview =
                product.post("/v1/webhooks/preview", KEY, "application/json", "{\"definition\": " + webhook + "}");
        assertEquals(warnings, RunningProduct.json(preview).get("warnings"), preview.body());
        assertEquals(warnings, product.read("/v1/webhooks/macros", KEY).get("warnings"));
    }

    @Test
    void an_unknown_event_type_gives_no_warning() {
        assertEquals(
                0,
                saved(webhook("orders", "order.placed", "https://crm.example.com/", "{\"a\": {nope}}"))
                        .size());
    }

    @Test
    void a_field_of_another_type_is_a_warning_too() {
        assertEquals(
                1,
                saved(webhook("forms", "form.submitted", "https://crm.example.com/", "{\"a\": {cnum}}"))
                        .size());
        assertEquals(
                0,
                saved(webhook("values", "form.submitted", "https://crm.example.com/", "{\"a\": {data.values.name}}"))
                        .size());
    }
}
