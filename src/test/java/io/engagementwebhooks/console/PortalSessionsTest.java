package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Portal sessions over HTTP. The framing settings need their own product. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PortalSessionsTest {

    private static final String HOST = "https://app.example.com";
    private static final String ADMIN = "acme-admin-key-for-portals";
    private static final String OTHER = "other-admin-key-for-portals";
    private static final String OPERATOR = "operator-key-for-portals-000";
    private static final String ACME = "/v1/accounts/acme/portal-sessions";
    private static final String CONFIG =
            """
            accounts:
              - id: acme
                apiKeys:
                  - {name: backend, role: admin, key: acme-admin-key-for-portals}
                  - {name: taken-away, role: admin, key: acme-second-key-for-portals}
                webhooks:
                  - {name: of-acme, events: [call.ended], delivery: {url: "https://acme.example.com/", authentication: {type: none}}}
              - id: other
                apiKeys: [{name: backend, role: admin, key: other-admin-key-for-portals}]
                webhooks:
                  - {name: of-other, events: [call.ended], delivery: {url: "https://other.example.com/", authentication: {type: none}}}
            """;

    @AutoClose
    private RunningProduct product;

    @BeforeAll
    void start(@TempDir Path folder) {
        product = RunningProduct.start(
                folder,
                CONFIG,
                "webhooks.operator-key=" + OPERATOR,
                "webhooks.console.frame-ancestors=" + HOST + ", https://staging.example.com:8443",
                "webhooks.server.behind-tls-proxy=true",
                "webhooks.server.trusted-proxies=127.0.0.0/8");
    }

    private JsonNode made(String key, String body) {
        HttpResponse<String> answer = product.post(ACME, key, "application/json", body);
        assertEquals(201, answer.statusCode(), answer.body());
        return RunningProduct.json(answer);
    }

    private static String token(JsonNode portal) {
        URI url = URI.create(portal.get("url").asText());
        assertEquals("https", url.getScheme(), "as browsers reach it");
        assertEquals("/console/sign-in/link", url.getPath());
        return url.getQuery().substring("token=".length());
    }

    private HttpResponse<String> redeemed(Visitor visitor, JsonNode portal) {
        return visitor.post("/console/sign-in/link", "token", token(portal));
    }

    private Visitor in(String body) {
        Visitor visitor = new Visitor(product);
        HttpResponse<String> answer = redeemed(visitor, made(ADMIN, body));
        assertEquals(303, answer.statusCode(), answer.body());
        assertEquals(
                "/console/overview", answer.headers().firstValue("Location").orElse(""));
        visitor.get("/console/overview");
        return visitor;
    }

    private static String header(HttpResponse<String> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    @Test
    void a_link_signs_in_once_to_its_account_alone_and_a_preview_does_not_use_it() {
        JsonNode portal = made(OPERATOR, "{\"role\": \"admin\"}");
        Visitor visitor = new Visitor(product);
        HttpResponse<String> page = visitor.get("/console/sign-in/link?token=" + token(portal));
        assertEquals(200, page.statusCode());
        assertEquals("strict-origin", header(page, "Referrer-Policy"));
        assertEquals("no-store", header(page, "Cache-Control"));
        assertEquals(303, redeemed(visitor, portal).statusCode());
        HttpResponse<String> again = redeemed(new Visitor(product), portal);
        assertEquals(403, again.statusCode());
        assertEquals("", header(again, "Set-Cookie"));

        String webhooks = visitor.get("/console/webhooks").body();
        assertTrue(webhooks.contains("of-acme") && !webhooks.contains("of-other"), webhooks);
        String foreign = product.webhookId(OTHER, "of-other");
        assertEquals(404, visitor.get("/console/builder/" + foreign).statusCode());
        assertEquals("/console/overview", header(visitor.get("/console/accounts"), "Location"));
    }

    @Test
    void role_read_changes_nothing() {
        Visitor reader = in("{}");
        String page = reader.get("/console/settings").body();
        assertFalse(page.contains("New OAuth client"), page);
        HttpResponse<String> refused = reader.post("/console/settings/oauth-client", "name", "crm", "clientId", "a");
        assertTrue(refused.statusCode() >= 400 && refused.body().contains("may not change"), refused.body());
        assertEquals(
                200,
                in("{\"role\": \"admin\"}")
                        .get("/console/settings/oauth-client")
                        .statusCode());
    }

    @Test
    void a_portal_sessions_cookie_goes_to_frames_and_no_other_does() {
        String cookie = header(redeemed(new Visitor(product), made(ADMIN, "{}")), "Set-Cookie");
        for (String attribute :
                List.of("; HttpOnly", "; SameSite=None", "; Secure", "; Partitioned", "; Path=/console")) {
            assertTrue(cookie.contains(attribute), cookie);
        }
        Visitor staff = new Visitor(product);
        String own = header(staff.post("/console/sign-in", "key", ADMIN), "Set-Cookie");
        assertTrue(own.contains("; SameSite=Strict") && own.contains("; Secure") && !own.contains("Partitioned"), own);
    }

    @Test
    void only_pages_of_portal_sessions_may_be_framed_and_only_by_the_origins_of_the_settings() {
        Visitor visitor = in("{}");
        String open = "frame-ancestors " + HOST + " https://staging.example.com:8443";
        for (String path : List.of("/console/overview", "/console/sign-in/link?token=x", "/console/nowhere")) {
            HttpResponse<String> page = visitor.get(path);
            assertTrue(header(page, "Content-Security-Policy").endsWith(open), path);
            assertEquals("", header(page, "X-Frame-Options"), path);
        }
        Visitor staff = Visitor.signedIn(product, ADMIN);
        for (HttpResponse<String> page :
                List.of(staff.get("/console/overview"), new Visitor(product).get("/console/sign-in"))) {
            assertTrue(header(page, "Content-Security-Policy").endsWith("frame-ancestors 'none'"));
            assertEquals("DENY", header(page, "X-Frame-Options"));
        }
    }

    @Test
    void a_frame_shows_that_the_store_cannot_be_read_and_offers_to_try_again() throws SQLException {
        Visitor visitor = in("{}");
        rename("portal_session", "aside");
        try {
            HttpResponse<String> page = visitor.get("/console/overview");
            assertEquals(503, page.statusCode(), page.body());
            assertTrue(header(page, "Content-Security-Policy").contains("frame-ancestors " + HOST), page.body());
            assertEquals("", header(page, "X-Frame-Options"));
            assertTrue(page.body().contains("href=\"/console/overview\">Try again</a>"), page.body());
        } finally {
            rename("aside", "portal_session");
        }
        assertEquals(200, visitor.get("/console/overview").statusCode());
    }

    private void rename(String table, String to) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + product.storeFile());
                Statement statement = connection.createStatement()) {
            statement.execute("ALTER TABLE " + table + " RENAME TO " + to);
        }
    }

    @Test
    void a_form_of_another_site_is_refused() {
        Visitor visitor = in("{\"role\": \"admin\"}");
        HttpResponse<String> answer = product.send(HttpRequest.newBuilder(product.url("/console/sign-out"))
                .header("Cookie", visitor.cookie)
                .header("Sec-Fetch-Site", "cross-site")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("_token=" + visitor.token))
                .build());
        assertEquals(403, answer.statusCode());
        assertEquals(200, visitor.get("/console/overview").statusCode());
    }

    @Test
    void each_page_leads_back_and_the_navigation_can_be_on_top() {
        String back = HOST + "/settings";
        Visitor visitor = in("{\"return\": \"" + back + "\", \"navigation\": false}");
        for (String path : List.of("/console/overview", "/console/deliveries", "/console/nowhere")) {
            String page = visitor.get(path).body();
            assertTrue(
                    page.contains("href=\"" + back + "\" target=\"_top\"") && page.contains("app.example.com</a>"),
                    page);
            assertTrue(page.contains("data-host=\"" + HOST + "\""), page);
            assertTrue(page.contains("class=\"shell top\"") && page.contains("aria-label=\"Main\""), page);
        }
        String page =
                in("{\"return\": \"" + back + "\"}").get("/console/overview").body();
        assertTrue(page.contains("class=\"shell\"") && page.contains("Back to app.example.com"), page);
        assertFalse(in("{}").get("/console/overview").body().contains("data-host"));
    }

    @Test
    void the_cookie_leads_on_after_the_session_and_ends_with_a_direct_sign_in() {
        Visitor visitor = new Visitor(product);
        JsonNode portal = made(ADMIN, "{\"renew\": \"" + HOST + "/portal\"}");
        String cookie = header(redeemed(visitor, portal), "Set-Cookie");
        assertTrue(cookie.contains("; Max-Age=" + 30 * 24 * 3600 + ";"), cookie);
        assertTrue(
                header(redeemed(new Visitor(product), made(ADMIN, "{\"expiresIn\": \"30m\"}")), "Set-Cookie")
                        .matches(".*; Max-Age=(1800|1[0-7]\\d\\d);.*"),
                "without a URL it ends with the session");
        revoke(portal);
        HttpResponse<String> ended = visitor.get("/console/overview");
        assertEquals(401, ended.statusCode());
        assertTrue(ended.body().contains("href=\"" + HOST + "/portal\""), ended.body());
        visitor.post("/console/sign-in", "key", ADMIN);
        assertEquals(200, visitor.get("/console/overview").statusCode());
        visitor.post("/console/sign-out");
        assertEquals("", visitor.cookie);
    }

    private void revoke(JsonNode portal) {
        String path = ACME + "/" + portal.get("id").asText();
        assertEquals(
                204, product.send(product.request(path, ADMIN).DELETE().build()).statusCode());
    }

    @Test
    void signing_out_ends_the_session_and_leads_back() {
        Visitor visitor = in("{\"return\": \"" + HOST + "/settings\"}");
        String before = visitor.cookie;
        HttpResponse<String> out = visitor.post("/console/sign-out");
        assertEquals(200, out.statusCode());
        assertTrue(out.body().contains("href=\"" + HOST + "/settings\""), out.body());
        assertTrue(header(out, "Set-Cookie").contains("Max-Age=0")
                && header(out, "Set-Cookie").contains("Partitioned"));
        visitor.cookie = before;
        assertNotEquals(200, visitor.get("/console/overview").statusCode());
    }

    @Test
    void a_revoked_session_says_so_and_links_to_a_new_one() {
        JsonNode portal = made(ADMIN, "{\"renew\": \"" + HOST + "/portal\"}");
        Visitor visitor = new Visitor(product);
        redeemed(visitor, portal);
        visitor.get("/console/overview");
        String path = ACME + "/" + portal.get("id").asText();
        JsonNode listed = product.read(path, ADMIN);
        assertTrue(listed.get("lastUsedAt").isTextual() && listed.get("url").isNull(), listed.toString());
        assertEquals("read", listed.get("role").asText());
        assertTrue(product.read(ACME, ADMIN)
                .get("items")
                .findValuesAsText("id")
                .contains(portal.get("id").asText()));

        assertEquals(404, product.get(path.replace("/acme/", "/other/"), OTHER).statusCode());
        assertEquals(404, product.get(path, OTHER).statusCode());
        assertEquals(
                204, product.send(product.request(path, ADMIN).DELETE().build()).statusCode());
        HttpResponse<String> ended = visitor.get("/console/overview");
        assertEquals(401, ended.statusCode());
        assertTrue(ended.body().contains("Your session has ended")
                && ended.body().contains("href=\"" + HOST + "/portal\""));
        assertTrue(header(ended, "Content-Security-Policy").contains("frame-ancestors " + HOST));
        assertEquals("/console", header(visitor.partial("/console/overview"), "HX-Redirect"));
        assertEquals(404, product.get(path, ADMIN).statusCode());

        visitor.cookie = visitor.cookie.substring(0, visitor.cookie.length() - 1);
        assertTrue(
                header(visitor.get("/console/overview"), "Location").startsWith("/console/sign-in"),
                "no cookie but ours leads anywhere");
    }

    @Test
    void a_session_ends_with_the_key_that_created_it() {
        JsonNode used = made("acme-second-key-for-portals", "{}");
        JsonNode unused = made("acme-second-key-for-portals", "{}");
        Visitor visitor = new Visitor(product);
        redeemed(visitor, used);
        assertEquals(200, visitor.get("/console/overview").statusCode());
        product.config(CONFIG.replace("role: admin, key: acme-second", "role: read, key: acme-second"));
        org.awaitility.Awaitility.await()
                .until(() -> visitor.get("/console/overview").statusCode() != 200);
        assertEquals(403, redeemed(new Visitor(product), unused).statusCode());
    }

    @Test
    void settings_list_portal_links_and_revoke_them_and_the_audit_log_has_both() {
        JsonNode portal = made(ADMIN, "{\"expiresIn\": \"30m\"}");
        String id = portal.get("id").asText();
        Visitor staff = Visitor.signedIn(product, ADMIN);
        String page = staff.get("/console/settings/portal-links").body();
        assertTrue(page.contains("action=\"/console/settings/portal-links/" + id + "\""), page);
        assertTrue(page.contains("datetime=\"" + portal.get("expiresAt").asText() + "\""), page);
        assertFalse(page.contains(token(portal)), "a link is shown once, to who made it");
        assertEquals(303, staff.post("/console/settings/portal-links/" + id).statusCode());
        assertEquals(404, product.get(ACME + "/" + id, ADMIN).statusCode());
        String audit = staff.get("/console/settings/audit").body();
        assertTrue(audit.contains("created portal link " + id) && audit.contains("deleted portal link " + id), audit);
        assertTrue(audit.contains("<span class=\"soft\">api key</span>") && audit.contains("title=\"key_"), audit);

        assertEquals(403, in("{}").get("/console/settings/portal-links").statusCode());
    }

    @Test
    void errors_of_a_portal_session_are_named() {
        for (String body : List.of(
                "{\"return\": \"https://evil.example.com/\"}",
                "{\"return\": \"http://app.example.com/\"}",
                "{\"return\": \"javascript:alert(1)\"}",
                "{\"return\": \"https://app.example.com@evil.example.com/\"}",
                "{\"renew\": \"https://staging.example.com/\"}",
                "{\"role\": \"operator\"}",
                "{\"role\": \"ingest\"}",
                "{\"expiresIn\": \"13h\"}",
                "{\"expiresIn\": \"30s\"}",
                "{\"theme\": \"pink\"}",
                "{\"navigation\": \"no\"}")) {
            HttpResponse<String> answer = product.post(ACME, ADMIN, "application/json", body);
            assertEquals(422, answer.statusCode(), body + ": " + answer.body());
        }
        assertEquals(
                201,
                product.post(ACME, ADMIN, "application/json", "{\"return\": \"https://staging.example.com:8443/a?b\"}")
                        .statusCode());
        assertEquals(404, product.post(ACME, OTHER, "application/json", "{}").statusCode());
        assertEquals(
                404,
                product.post("/v1/accounts/nope/portal-sessions", OPERATOR, "application/json", "{}")
                        .statusCode());
    }
}
