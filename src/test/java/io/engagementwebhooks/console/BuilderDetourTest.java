package io.engagementwebhooks.console;

import static io.engagementwebhooks.console.Visitor.plus;
import static io.engagementwebhooks.console.Visitor.value;
import static io.engagementwebhooks.console.Visitor.with;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The builder and the event catalog of an empty account, without scripts. */
@Timeout(300)
class BuilderDetourTest {

    private static final String KEY = "acme-admin-key-of-detours";

    @AutoClose
    private final Receiver receiver = new Receiver(got -> new Receiver.Reply(200));

    @AutoClose
    private final RunningProduct product = RunningProduct.shared(
            "accounts:\n  - id: acme\n    apiKeys: [{name: anna, role: admin, key: " + KEY + "}]\n");

    private final Visitor anna = Visitor.signedIn(product, KEY);

    private static String[] filled(HttpResponse<String> page, String... changes) {
        return with(Visitor.fields(page.body(), "builder"), changes);
    }

    private String[] webhook(String... changes) {
        return with(
                filled(
                        anna.get("/console/builder"),
                        "name",
                        "first",
                        "event",
                        "call.ended",
                        "url",
                        receiver.url().toString()),
                changes);
    }

    private String id(String webhook) {
        return product.read("/v1/webhooks/" + webhook, KEY).get("id").asText();
    }

    private int signingKeys() {
        return product.read("/v1/signing-keys", KEY).get("items").size();
    }

    @Test
    void the_first_webhook_of_an_account_without_a_signing_key_creates_one() {
        assertTrue(anna.get("/console/builder").body().contains("id=\"makes-key\""));
        HttpResponse<String> saved = anna.post("/console/builder", webhook("do", "save"));
        assertEquals(200, saved.statusCode(), saved.body());
        assertTrue(saved.body().contains("<h1>first created</h1>"), saved.body());
        assertTrue(saved.body().contains("whsec_"), saved.body());
        assertTrue(saved.body().contains("href=\"/console/webhooks/" + id("first") + "\""), saved.body());
        assertEquals(1, signingKeys());
        HttpResponse<String> next = anna.get("/console/builder");
        assertFalse(next.body().contains("id=\"makes-key\""));
        HttpResponse<String> second = anna.post("/console/builder", webhook("name", "second", "do", "save"));
        assertEquals(303, second.statusCode(), second.body());
        assertEquals(1, signingKeys());
    }

    @Test
    void a_webhook_that_is_refused_leaves_no_signing_key() {
        HttpResponse<String> refused =
                anna.post("/console/builder", webhook("url", "ftp://crm.example.com/", "do", "save"));
        assertEquals(422, refused.statusCode());
        assertTrue(refused.body().contains("Not saved. Fix 1 field."), refused.body());
        assertTrue(refused.body().contains("<a href=\"#url\">"), refused.body());
        assertTrue(refused.body().contains("id=\"url-fault\""), refused.body());
        assertEquals(0, signingKeys());
    }

    @Test
    void a_test_that_is_refused_says_so_and_why() {
        HttpResponse<String> refused =
                anna.post("/console/builder", webhook("url", "ftp://crm.example.com/", "do", "test"));
        assertEquals(422, refused.statusCode());
        assertTrue(refused.body().contains("<b>Test not sent.</b>"), refused.body());
        assertTrue(refused.body().contains("<a href=\"#url\">"), refused.body());
        assertFalse(refused.body().contains("Not saved"), refused.body());
    }

    @Test
    void missing_fields_are_named_by_the_labels_of_the_form() {
        HttpResponse<String> refused =
                anna.post("/console/builder", filled(anna.get("/console/builder"), "do", "save"));
        String page = refused.body();
        assertTrue(page.contains("Not saved. Fix 3 fields."), page);
        for (String fault : List.of("Enter a name.", "Choose at least one event.", "Enter the URL.")) {
            assertTrue(page.contains(fault), fault + page);
        }
    }

    @Test
    void without_scripts_the_draft_survives_the_creation_of_an_oauth_client() {
        String[] form =
                webhook("auth", "oauth2", "user", "kept", "password", "a-secret-typed", "do", "new-oauth-client");
        HttpResponse<String> left = anna.post("/console/builder", form);
        assertEquals(200, left.statusCode(), left.body());
        String sheet = left.body();
        assertFalse(sheet.contains("a-secret-typed"), sheet);
        for (String label : List.of(
                ">Name<",
                "Client ID",
                "Client Secret",
                "Authentication Endpoint",
                "Scope",
                "Token Path",
                "Authorization Method")) {
            assertTrue(sheet.contains(label), label);
        }
        String[] typed = Visitor.changed(Visitor.fields(sheet, "credential-form"), "name", "crm");
        HttpResponse<String> faulty = anna.post("/console/builder-new/oauth-client", typed);
        assertEquals(422, faulty.statusCode());
        assertTrue(faulty.body().contains("Enter the Client ID."), faulty.body());
        assertDraft(anna.post("/console/builder-new/oauth-client", Visitor.plus(typed, "do", "cancel")), "");
        String[] complete = Visitor.changed(
                Visitor.fields(faulty.body(), "credential-form"),
                "clientId",
                "a",
                "clientSecret",
                "s",
                "authenticationEndpoint",
                "https://auth.example.com");
        HttpResponse<String> made = anna.post("/console/builder-new/oauth-client", complete);
        assertTrue(made.body().contains("'crm' created."), made.body());
        assertDraft(made, "crm");
    }

    private static void assertDraft(HttpResponse<String> builder, String client) {
        assertEquals(200, builder.statusCode(), builder.body());
        String[] draft = filled(builder);
        assertEquals("first", value(draft, "name"));
        assertEquals(client, value(draft, "client"));
        assertEquals("", value(draft, "password"));
    }

    @Test
    void a_draft_that_was_changed_by_hand_is_an_empty_form() {
        HttpResponse<String> builder =
                anna.post("/console/builder-new/oauth-client", "do", "cancel", "draft", "no json", "draft-of", "");
        assertEquals("", value(filled(builder), "name"));
        assertEquals(404, anna.get("/console/builder-new/api-key").statusCode());
    }

    @Test
    void the_preview_says_which_rule_is_false() {
        String[] form = filled(
                anna.get("/console/builder"),
                "event",
                "call.ended",
                "url",
                receiver.url().toString(),
                "condition-kind",
                "lines",
                "value",
                "500");
        String preview = anna.post(
                        "/console/builder-preview",
                        plus(form, "field", ".data.answered", "comparison", "IS", "value", "true"))
                .body();
        assertTrue(preview.contains("does not match"), preview);
        int falseRule = preview.indexOf("Duration (seconds) is at least 500");
        int trueRule = preview.indexOf("Answered is true");
        assertTrue(preview.lastIndexOf(">false<", falseRule) > 0 && falseRule < trueRule, preview);
        assertTrue(preview.lastIndexOf(">true<", trueRule) > falseRule, preview);
    }

    @Test
    void nothing_matches_while_a_rule_is_incomplete() {
        String preview = anna.post(
                        "/console/builder-preview", filled(anna.get("/console/builder"), "event", "call.ended"))
                .body();
        assertTrue(preview.contains("Enter the URL."), preview);
        assertFalse(preview.contains("matches"), preview);
    }

    @Test
    void an_unknown_macro_is_a_warning_beside_its_field() {
        String preview = anna.post(
                        "/console/builder-preview", webhook("body-kind", "json", "body", "{\"a\": \"{nope}\"}"))
                .body();
        int warning = preview.indexOf("{nope} names no field");
        assertTrue(warning > preview.indexOf("id=\"body-warnings\""), preview);
    }

    @Test
    void a_webhook_is_duplicated_with_its_fields_and_without_its_secrets() {
        anna.post("/console/builder", webhook("auth", "header", "user", "us", "password", "hush", "do", "save"));
        String[] copy = filled(anna.get("/console/builder?copy=first"));
        assertEquals("first-copy", value(copy, "name"));
        assertEquals("us", value(copy, "user"));
        HttpResponse<String> saved = anna.post("/console/builder", with(copy, "do", "save"));
        assertTrue(saved.body().contains("Enter the Password."), saved.body());
    }

    @Test
    void a_selected_group_stays_selected() {
        anna.post("/console/builder", webhook("event", "call.*", "do", "save"));
        String page = anna.get("/console/builder/first").body();
        List<String> fields = Arrays.asList(Visitor.fields(page, "builder"));
        assertTrue(fields.contains("call.*"), fields.toString());
        assertEquals("", fields.get(fields.indexOf("other-events") + 1));
        assertTrue(page.contains("and types added later"), page);
    }

    @Test
    void the_catalog_shows_each_type_and_sends_its_sample() {
        anna.post("/console/builder", webhook("do", "save"));
        String page = anna.get("/console/events").body();
        for (String type : List.of("call.ended", "call.missed", "text.sent", "form.submitted", "webhook.failing")) {
            assertTrue(page.contains("id=\"" + type + "\""), type);
        }
        assertTrue(page.contains("href=\"/console/builder?event=call.ended\""), page);
        assertTrue(page.contains("href=\"/console/webhooks/" + id("first") + "\""), page);
        HttpResponse<String> sent = anna.post("/console/events", "type", "call.ended");
        assertEquals(303, sent.statusCode(), sent.body());
        String event = sent.headers().firstValue("Location").orElseThrow().replaceFirst(".*event=", "");
        product.awaitDeliveries(KEY, event, 1, "delivered");
        assertTrue(receiver.requests().get(0).body().contains("\"type\":\"call.ended\""));
        HttpResponse<String> none = anna.post("/console/events", "type", "text.sent");
        assertTrue(none.headers().firstValue("Location").orElseThrow().contains("type=text.sent"));
        assertTrue(anna.get("/console/events").body().contains("No webhook gets it"));
        assertEquals(404, anna.post("/console/events", "type", "of.none").statusCode());
    }

    @Test
    void a_type_of_the_catalog_is_selected_in_the_builder() {
        List<String> fields = Arrays.asList(
                Visitor.fields(anna.get("/console/builder?event=call.missed").body(), "builder"));
        assertTrue(fields.contains("call.missed"), fields.toString());
    }
}
