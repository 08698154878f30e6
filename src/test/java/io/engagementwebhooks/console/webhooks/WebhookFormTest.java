package io.engagementwebhooks.console.webhooks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.engagementwebhooks.console.forms.Form;
import io.engagementwebhooks.webhook.EventCatalog;
import java.util.List;
import org.junit.jupiter.api.Test;

/** BuilderPageTest shows and saves whole definitions. */
class WebhookFormTest {

    private static final WebhookForm FORM = new WebhookForm(EventCatalog.BUILT_IN, List.of());

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
        JsonNode before = new ObjectMapper()
                .readTree("{\"name\": \"a\", \"delivery\": {\"authentication\": {\"type\": \"header\"}}}");
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
