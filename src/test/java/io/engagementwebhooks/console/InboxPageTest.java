package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.RunningProduct;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The pages of test inboxes, without JavaScript. */
@Timeout(300)
class InboxPageTest {

    private static final String KEY = "acme-admin-key-of-inboxes";

    @AutoClose
    private final RunningProduct product = RunningProduct.shared(
            """
            accounts:
              - id: acme
                apiKeys: [{name: anna, role: admin, key: %s}]
            """
                    .formatted(KEY));

    private final Visitor anna = Visitor.signedIn(product, KEY);

    @Test
    void the_builder_fills_in_a_test_inbox_and_links_to_it() {
        String[] form = Visitor.fields(anna.get("/console/builder").body(), "builder");
        HttpResponse<String> used =
                anna.post("/console/builder", Visitor.with(form, "do", "use-inbox", "name", "typed"));
        String[] filled = Visitor.fields(used.body(), "builder");
        assertEquals("typed", Visitor.value(filled, "name"));
        String path = URI.create(Visitor.value(filled, "url")).getPath();
        assertTrue(used.body().contains("/console/inboxes/" + path.substring("/inbox/".length())), used.body());
    }

    @Test
    void the_builder_links_no_inbox_of_another_site_and_webhooks_lead_to_the_list() {
        String[] form = Visitor.fields(anna.get("/console/builder").body(), "builder");
        String used = anna.post("/console/builder", Visitor.with(form, "do", "use-inbox", "name", "typed"))
                .body();
        String url = Visitor.value(Visitor.fields(used, "builder"), "url");
        String other = url.replaceFirst("//[^/]+", "//inbox.example.com");
        String page = anna.post("/console/builder", Visitor.with(form, "do", "add-line", "name", "typed", "url", other))
                .body();
        assertTrue(page.contains(other), page);
        assertFalse(page.contains("Open the test inbox"), page);
        assertTrue(anna.get("/console/webhooks").body().contains("href=\"/console/inboxes\""));
    }

    @Test
    void an_inbox_shows_what_was_sent_as_text_and_its_response_can_be_changed() {
        assertTrue(anna.get("/console/inboxes").body().contains("No test inboxes yet"));
        HttpResponse<String> created = anna.post("/console/inboxes");
        String page = created.headers().firstValue("Location").orElseThrow();
        assertTrue(anna.get(page).body().contains("No requests yet"));
        String inbox = page.replace("/console/inboxes/", "/inbox/");
        product.send(HttpRequest.newBuilder(product.url(inbox))
                .POST(HttpRequest.BodyPublishers.ofString("<script>alert(1)</script>"))
                .build());
        String shown = anna.get(page).body();
        assertTrue(shown.contains("Signature wrong") && shown.contains("&lt;script&gt;alert(1)"), shown);
        assertFalse(shown.contains("<script>alert"));
        assertEquals(
                303,
                anna.post(page, "do", "answer", "status", "503", "delay", "0s").statusCode());
        HttpResponse<String> answer =
                product.send(HttpRequest.newBuilder(product.url(inbox)).GET().build());
        assertEquals(503, answer.statusCode());
        assertEquals(
                422,
                anna.post(page, "do", "answer", "status", "abc", "delay", "0s").statusCode());
        assertEquals(303, anna.post(page, "do", "clear").statusCode());
        assertTrue(anna.get(page).body().contains("No requests yet"));
    }
}
