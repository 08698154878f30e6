package io.engagementwebhooks.console.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.engagementwebhooks.webhook.EventCatalog;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookFormTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final WebhookForm FORM = new WebhookForm(EventCatalog.BUILT_IN);

    @ParameterizedTest
    @ValueSource(
            strings = {
                """
                {"name": "a", "events": ["call.ended", "call.*"], "condition": ".data.duration >= 120",
                 "delivery": {"url": "https://x.example.com/h?x=…", "method": "PUT", "signature": "both", "timeout": "5s",
                   "body": "{\\"call\\": \\"{cdr_id}\\"}", "headers": {"X-A": "{source_name}"},
                   "authentication": {"type": "header", "user": "u", "password": "***"},
                   "waitFor": {"field": "data.recording_id", "atMost": "30m"}},
                 "retry": ["5s", "1m"], "maxAge": "2d", "giveUpOn": [400, 422], "disableAfter": "never"}""",
                """
                {"name": "b", "events": ["*"], "condition": ".data | length > 2",
                 "delivery": {"url": "https://x.example.com", "format": "form", "body": "a={x}",
                   "authentication": {"type": "header", "value": "***"}, "tls": {"ca": "PEM"}},
                 "retry": "every-30-min-for-7-days"}""",
                """
                {"name": "c", "events": ["call.ended"],
                 "delivery": {"url": "https://x.example.com", "form": {"a": "{x}"}, "signingKeys": ["k1"],
                   "authentication": {"type": "oauth2", "client": "crm", "renewOn": [401, 403]}}}""",
                """
                {"name": "d", "events": ["call.ended"],
                 "delivery": {"url": "https://x.example.com", "bodyJq": "{a: .data.x}",
                   "authentication": {"type": "api-key", "header": "X-Key", "value": "***"}}}""",
                """
                {"name": "e", "events": ["call.ended"],
                 "delivery": {"authentication": {"type": "salesforce", "connection": "sales"},
                   "salesforce": {"operation": "upsert", "object": "Task", "externalId": "Id__c", "externalIdValue": "{cdr_id}",
                     "fields": {"Subject": "Call {anum}", "Length__c": {"jq": ".data.duration * 1000"}}}}}""",
                """
                {"name": "f", "events": ["call.ended"],
                 "delivery": {"authentication": {"type": "contentsquare", "connection": "insights"},
                   "contentsquare": {"session": "data.cs", "fields": {"answered": "{answered}"}}}}""",
                """
                {"name": "g", "events": ["call.ended"],
                 "delivery": {"authentication": {"type": "salesforce", "connection": "sales"}, "body": "{\\"a\\": 1}",
                   "salesforce": {"path": "/services/apexrest/calls"}}}""",
                """
                {"name": "h", "events": ["call.ended"], "delivery": {"url": "https://x.example.com",
                   "fifo": {"key": "data.contact.id", "skipAfter": "2h"}}}""",
                """
                {"name": "i", "events": ["call.ended"], "delivery": {"url": "https://x.example.com",
                   "fifo": {}}}""",
                """
                {"name": "k", "events": ["call.ended"], "delivery": {"url": "https://x.example.com",
                   "rateLimit": "50/s"}}"""
            })
    void a_definition_that_is_shown_and_saved_unchanged_is_the_same(String definition) throws Exception {
        JsonNode before = JSON.readTree(definition);
        assertEquals(
                before, JSON.readTree(FORM.definition(FORM.of(before), before).toString()));
    }

    @Test
    void a_secret_is_kept_only_for_the_kind_of_authentication_it_was_typed_for() throws Exception {
        JsonNode before = JSON.readTree(
                "{\"name\": \"a\", \"events\": [\"x\"], \"delivery\": {\"url\": \"https://x.example.com\","
                        + " \"authentication\": {\"type\": \"api-key\", \"header\": \"X-Key\", \"value\": \"***\"}}}");
        Form form = FORM.of(before).with("auth", "value").with("header-value", "");
        assertEquals(
                "{\"type\":\"header\"}",
                FORM.definition(form, before)
                        .path("delivery")
                        .path("authentication")
                        .toString());
    }

    @Test
    void a_form_that_is_barely_filled_is_a_definition_for_the_api_to_judge() {
        JsonNode definition = FORM.definition(new Form(Map.of()), MissingNode.getInstance());
        assertTrue(definition.path("name").isMissingNode());
        assertEquals(0, definition.path("events").size());
    }

    @Test
    void an_error_within_the_body_belongs_to_the_body() {
        assertEquals("body", WebhookForm.fieldAt("/delivery/form/note", WebhookForm.fresh()));
        assertEquals("body", WebhookForm.fieldAt("/delivery/format", WebhookForm.fresh()));
        assertEquals("headers", WebhookForm.fieldAt("/delivery/headers/X-A", WebhookForm.fresh()));
        Form third = WebhookForm.fresh().with("to", "contentsquare");
        assertEquals("fields", WebhookForm.fieldAt("/delivery/contentsquare/fields/answered", third));
        assertEquals("connection", WebhookForm.fieldAt("/delivery/authentication/connection", third));
        assertNull(WebhookForm.fieldAt("/delivery/tls/ca", third));
    }

    @Test
    void an_error_of_the_whole_delivery_belongs_to_no_field() {
        assertNull(WebhookForm.fieldAt("", WebhookForm.fresh()));
        assertNull(WebhookForm.fieldAt("/delivery", WebhookForm.fresh()));
        assertEquals("fifo-key", WebhookForm.fieldAt("/delivery/fifo", WebhookForm.fresh()));
    }

    @Test
    void a_password_keeps_its_spaces_and_an_emptied_name_stays_empty() throws Exception {
        JsonNode before =
                JSON.readTree("{\"name\": \"a\", \"delivery\": {\"authentication\": {\"type\": \"header\"}}}");
        Form form = FORM.of(before).with("password", " pw ").with("name", "");
        JsonNode definition = FORM.definition(form, before);
        assertEquals(" pw ", definition.at("/delivery/authentication/password").textValue());
        assertEquals("", definition.path("name").textValue());
    }

    @Test
    void a_choice_that_no_page_offers_is_for_the_api_to_judge() {
        Form form = WebhookForm.fresh().with("auth", "http").with("url", "https://x.example.com");
        assertEquals(
                "http",
                FORM.definition(form, MissingNode.getInstance())
                        .at("/delivery/authentication/type")
                        .asText());
    }
}
