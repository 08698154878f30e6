package io.engagementwebhooks.console;

import static io.engagementwebhooks.console.Visitor.with;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two accounts and two roles on the pages: they allow exactly what the API allows. */
class RolesOnPagesTest {

    private static final String ACCOUNT =
            """
              - id: %1$s
                apiKeys:
                  - {name: anna, role: admin, key: %1$s-admin-key-000000}
                  - {name: eve, role: read, key: %1$s-read-key-0000000}
                webhooks:
                  - {name: only-of-%1$s, events: [call.ended], delivery: {url: "%2$s", authentication: {type: none}}}
            """;

    @AutoClose
    private static final Receiver RECEIVER = new Receiver(got -> new Receiver.Reply(200));

    @AutoClose
    private static RunningProduct product;

    private static String delivery;

    @BeforeAll
    static void start() {
        product = RunningProduct.shared(
                "accounts:\n" + ACCOUNT.formatted("acme", RECEIVER.url()) + ACCOUNT.formatted("other", RECEIVER.url()));
        product.postEvent(
                "acme-admin-key-000000",
                "{\"id\": \"1\", \"source\": \"/s\", \"type\": \"call.ended\", \"data\": {\"duration\": 5}}");
        delivery = product.awaitDeliveries("acme-admin-key-000000", "1", 1, "delivered")
                .path(0)
                .path("id")
                .asText();
    }

    @Test
    void resources_of_another_account_get_404() {
        Visitor own = Visitor.signedIn(product, "acme-admin-key-000000");
        Visitor other = Visitor.signedIn(product, "other-admin-key-000000");
        for (String path : new String[] {"/console/deliveries/" + delivery, "/console/builder/only-of-acme"}) {
            assertEquals(200, own.get(path).statusCode(), path);
            assertEquals(404, other.get(path).statusCode(), path);
        }
        for (String path : new String[] {"/console/deliveries", "/console/webhooks"}) {
            assertTrue(own.get(path).body().contains("only-of-acme"), path);
            assertFalse(other.get(path).body().contains("only-of-acme"), path);
        }
        other.get("/console/deliveries");
        int before = RECEIVER.requests().size();
        other.post("/console/deliveries/" + delivery + "/again");
        other.post("/console/webhooks/only-of-acme/pause");
        assertEquals(before, RECEIVER.requests().size());
        assertFalse(own.get("/console/webhooks").body().contains("badge paused"));
    }

    @Test
    void role_read_sees_no_buttons_and_may_send_no_form() {
        Visitor reader = Visitor.signedIn(product, "acme-read-key-0000000");
        String page = reader.get("/console/deliveries/" + delivery).body();
        assertFalse(page.contains("/again"), page);
        assertFalse(reader.get("/console/webhooks").body().contains("New webhook"));
        for (String path :
                new String[] {"/console/deliveries/" + delivery + "/again", "/console/webhooks/only-of-acme/pause"}) {
            reader.post(path);
            assertTrue(reader.get("/console/webhooks").body().contains("may not change anything"), path);
        }
        HttpResponse<String> made = reader.post(
                "/console/builder",
                "do",
                "save",
                "name",
                "mine",
                "event",
                "call.ended",
                "url",
                "https://x.example.com");
        assertEquals(422, made.statusCode());
        assertFalse(reader.get("/console/webhooks").body().contains("mine"));
        String settings = reader.get("/console/settings").body();
        assertFalse(settings.contains("anna"), "who only reads sees no keys");
        assertEquals(403, reader.get("/console/settings/api-key/anna").statusCode());
    }

    @Test
    void role_read_sees_why_it_cannot_test() {
        Visitor reader = Visitor.signedIn(product, "acme-read-key-0000000");
        String page = reader.get("/console/builder/only-of-acme").body();
        assertTrue(page.contains("sign in with a key of role admin"), page);
        assertFalse(page.contains("read and test it here"), page);
        for (String trial : List.of("id=\"preview\"", "send-test", "name=\"sample\"")) {
            assertFalse(page.contains(trial), page);
        }
    }

    @Test
    void a_webhook_of_the_file_can_be_read_and_tested_and_not_saved() {
        Visitor admin = Visitor.signedIn(product, "acme-admin-key-000000");
        HttpResponse<String> page = admin.get("/console/builder/only-of-acme");
        assertTrue(page.body().contains("defined in the configuration file"), page.body());
        assertTrue(page.body().contains("You can read and test it here"), page.body());
        assertTrue(page.body().contains("id=\"send-test\""), page.body());
        String tried = admin.post(
                        "/console/builder/only-of-acme", with(Visitor.fields(page.body(), "builder"), "do", "test"))
                .body();
        assertTrue(tried.contains("Test <span class=\"badge delivered\">"), tried);
        assertEquals(
                422,
                admin.post(
                                "/console/builder/only-of-acme",
                                "do",
                                "save",
                                "name",
                                "only-of-acme",
                                "event",
                                "call.missed")
                        .statusCode());
    }

    @Test
    void a_secret_that_was_typed_is_in_no_page_and_a_failed_save_keeps_the_rest() {
        Visitor admin = Visitor.signedIn(product, "acme-admin-key-000000");
        admin.get("/console/builder");
        String[] fields = {
            "do",
            "save",
            "name",
            "mine",
            "event",
            "call.ended",
            "to",
            "http",
            "url",
            "nowhere",
            "auth",
            "header",
            "user",
            "us-at-partner",
            "password",
            "pa55-never-shown",
            "body-kind",
            "json",
            "body",
            "{\"a\": {duration}}"
        };
        HttpResponse<String> failed = admin.post("/console/builder", fields);
        assertEquals(422, failed.statusCode());
        assertTrue(failed.body().contains("us-at-partner") && failed.body().contains("{duration}"), failed.body());
        assertFalse(failed.body().contains("pa55-never-shown"));
        fields[9] = RECEIVER.url().toString();
        // the account has no signing key: its first webhook creates one
        assertEquals(200, admin.post("/console/builder", fields).statusCode());
        String kept = admin.get("/console/builder/mine").body();
        assertFalse(kept.contains("pa55-never-shown"));
        assertTrue(kept.contains("Leave empty to keep"), kept);
    }
}
