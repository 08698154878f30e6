package io.engagementwebhooks.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.api.Sealed;
import io.engagementwebhooks.console.signin.Session;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.Vaults;
import java.io.ByteArrayInputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignInTest {

    private static final String ADMIN = "acme-admin-key-000001";
    private static final String LEAVING = "acme-admin-key-000002";
    private static final String READ = "acme-read-key-0000001";
    private static final String INGEST = "acme-ingest-key-00001";

    @AutoClose
    private static RunningProduct product;

    @BeforeAll
    static void start() {
        product = RunningProduct.shared(config(true));
    }

    private static String config(boolean withLeaving) {
        return """
                accounts:
                  - id: acme
                    apiKeys:
                      - {name: anna, role: admin, key: %s}
                      - {name: eve, role: read, key: %s}
                      - {name: pbx, role: ingest, key: %s}
                """
                        .formatted(ADMIN, READ, INGEST)
                + (withLeaving ? "      - {name: leo, role: admin, key: " + LEAVING + "}\n" : "");
    }

    @Test
    void the_root_leads_to_the_sign_in_page() {
        HttpResponse<String> root = product.get("/", null);
        assertEquals(303, root.statusCode());
        assertEquals("/console/sign-in", root.headers().firstValue("Location").orElseThrow());
        HttpResponse<String> page = product.get("/console/sign-in", null);
        assertEquals(200, page.statusCode());
        assertTrue(page.body().contains("API key"), page.body());
    }

    @Test
    void a_key_signs_in_and_the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
        Visitor visitor = new Visitor(product);
        HttpResponse<String> answer = visitor.post("/console/sign-in", "key", product.key(ADMIN), "then", "");
        assertEquals(303, answer.statusCode(), answer.body());
        String cookie = answer.headers().firstValue("Set-Cookie").orElseThrow();
        assertTrue(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), cookie);
        assertFalse(cookie.contains(ADMIN), cookie);
        assertEquals(200, visitor.get("/console/deliveries").statusCode());
    }

    @Test
    void an_unknown_key_an_ingest_key_and_no_key_are_refused_with_different_texts() {
        Visitor visitor = new Visitor(product);
        HttpResponse<String> unknown = visitor.post("/console/sign-in", "key", "<script>alert(1)</script>");
        assertEquals(401, unknown.statusCode());
        assertTrue(unknown.body().contains("unknown"), unknown.body());
        assertFalse(unknown.body().contains("alert(1)"), "what was typed comes back");
        assertEquals(
                403,
                visitor.post("/console/sign-in", "key", product.key(INGEST)).statusCode());
        assertEquals(422, visitor.post("/console/sign-in", "key", "").statusCode());
        assertEquals("", visitor.cookie);
        assertEquals(303, visitor.get("/console/deliveries").statusCode());
    }

    /** Its own product, for the setting and for the throttled address. */
    @Test
    void guessed_keys_are_throttled_and_a_valid_key_still_signs_in_with_a_cookie_for_the_proxys_tls(@TempDir Path own) {
        try (RunningProduct guessed =
                RunningProduct.start(own, config(false), "webhooks.server.behind-tls-proxy=true")) {
            HttpResponse<String> answer = null;
            for (int guess = 0; guess < 21; guess++) {
                answer = new Visitor(guessed).post("/console/sign-in", "key", "a-guess-" + guess);
            }
            assertEquals(429, answer.statusCode());
            assertTrue(answer.body().contains("class=\"fault\""), "it says so beside the field");
            assertEquals(
                    200,
                    Visitor.signedIn(guessed, ADMIN).get("/console/overview").statusCode());
            String cookie = new Visitor(guessed)
                    .post("/console/sign-in", "key", ADMIN)
                    .headers()
                    .firstValue("Set-Cookie")
                    .orElseThrow();
            assertTrue(cookie.endsWith("; Secure"), cookie);
        }
    }

    @Test
    void a_notice_is_shown_once_on_a_page_of_an_error_too() {
        Visitor eve = Visitor.signedIn(product, READ);
        eve.post("/console/webhooks/any/pause");
        HttpResponse<String> error = eve.get("/console/nowhere");
        assertEquals(404, error.statusCode());
        assertTrue(error.body().contains("may not change anything"), error.body());
        String set = error.headers().firstValue("Set-Cookie").orElseThrow();
        eve.cookie = set.substring(0, set.indexOf(';'));
        assertFalse(eve.get("/console/overview").body().contains("may not change anything"));
    }

    @Test
    void a_fragment_does_not_prolong_the_session() {
        Visitor anna = Visitor.signedIn(product, ADMIN);
        anna.cookie = usedTwoMinutesEarlier(anna.cookie);
        assertTrue(anna.partial("/console/overview")
                .headers()
                .firstValue("Set-Cookie")
                .isEmpty());
        assertTrue(
                anna.get("/console/overview").headers().firstValue("Set-Cookie").isPresent());
    }

    private static String usedTwoMinutesEarlier(String cookie) {
        Path key = product.storeFile().resolveSibling("webhooks.db.key");
        Sealed<Session.Cookie> cookies =
                new Sealed<>(Vaults.open(key).derived("console cookies"), Session.Cookie.class);
        String name = Framing.COOKIE + "=";
        Session.Cookie now = cookies.unseal(cookie.substring(name.length())).orElseThrow();
        return name
                + cookies.seal(new Session.Cookie(
                        now.id(),
                        now.caller(),
                        now.creator(),
                        now.provider(),
                        now.began(),
                        now.used() - 120_000,
                        now.ends(),
                        now.returnLink(),
                        now.notice()));
    }

    @Test
    void a_sign_in_continues_to_a_page_of_the_console_only() {
        assertEquals("/console/webhooks", location("/console/webhooks"));
        for (String foreign : new String[] {
            "https://evil.example.com",
            "//evil.example.com",
            "/console//evil.example.com",
            "/\\evil.example.com",
            "/v1/deliveries",
            "/console/\r\nSet-Cookie: a=b",
            "javascript:alert(1)"
        }) {
            String to = location(foreign);
            assertTrue(to.equals("/console/overview") || to.equals("/console/deliveries"), foreign + " led to " + to);
        }
    }

    private static String location(String then) {
        return new Visitor(product)
                .post("/console/sign-in", "key", product.key(ADMIN), "then", then)
                .headers()
                .firstValue("Location")
                .orElseThrow();
    }

    @Test
    void a_link_continues_with_its_query_after_the_sign_in() {
        String link = "/console/deliveries?webhook=a+b&eventType=call.ended&text=50%25+%26+more";
        String signIn =
                new Visitor(product).get(link).headers().firstValue("Location").orElseThrow();
        String page = product.get(signIn, null).body();
        String then = page.replaceAll("(?s).*name=\"then\" value=\"([^\"]*)\".*", "$1")
                .replace("&amp;", "&");
        String to = location(then);
        assertTrue(to.startsWith("/console/deliveries?"), to);
        Visitor visitor = Visitor.signedIn(product, ADMIN);
        assertTrue(visitor.get(to).body().contains("value=\"50% &amp; more\""), to);
    }

    @Test
    void a_fragment_leads_back_to_its_page_after_the_session_has_ended() {
        Visitor visitor = Visitor.signedIn(product, READ);
        visitor.cookie = "webhooks-session=of-before-the-restart";
        String site = product.url("").toString();
        HttpResponse<String> answer = product.send(HttpRequest.newBuilder(product.url("/console/overview?hours=24"))
                .header("Cookie", visitor.cookie)
                .header("HX-Request", "true")
                .header("HX-Current-URL", site + "/console/overview?hours=24")
                .build());
        String to = answer.headers().firstValue("HX-Redirect").orElseThrow();
        assertEquals("/console/sign-in?then=%2Fconsole%2Foverview%3Fhours%3D24", to);
        assertTrue(visitor.get(to).body().contains("Your session has ended"), "it says why");
        assertFalse(new Visitor(product).get(to).body().contains("session has ended"), "no session existed");
    }

    /** The browser omits the strict cookie on requests of another site. */
    @Test
    void a_link_in_a_mail_works_for_a_signed_in_user() {
        HttpResponse<String> answer = product.send(HttpRequest.newBuilder(product.url("/console/webhooks?text=crm"))
                .header("Sec-Fetch-Site", "cross-site")
                .header("Sec-Fetch-Mode", "navigate")
                .build());
        assertEquals(200, answer.statusCode());
        assertTrue(answer.body().contains("content=\"0; url=/console/webhooks?text=crm\""), answer.body());
    }

    @Test
    void the_colors_are_chosen_by_a_form_and_kept_in_a_cookie() {
        Visitor visitor = Visitor.signedIn(product, ADMIN);
        assertFalse(visitor.get("/console/webhooks").body().contains("data-theme"));
        HttpResponse<String> answer = visitor.post("/console/theme", "theme", "dark");
        assertEquals(303, answer.statusCode());
        assertTrue(visitor.cookie.endsWith("; webhooks-theme=dark"), visitor.cookie);
        assertTrue(visitor.get("/console/webhooks").body().contains("<html lang=\"en\" data-theme=\"dark\">"));
        visitor.cookie = "webhooks-theme=\"><script>";
        assertFalse(visitor.get("/console/sign-in").body().contains("data-theme"));
    }

    @Test
    void pages_are_compressed_and_no_two_write_the_same_token() throws Exception {
        Visitor visitor = Visitor.signedIn(product, ADMIN);
        HttpResponse<byte[]> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(product.url("/console/webhooks"))
                                .header("Cookie", visitor.cookie)
                                .header("Accept-Encoding", "gzip, br")
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
        assertEquals("gzip", answer.headers().firstValue("Content-Encoding").orElseThrow());
        String page = new String(
                new GZIPInputStream(new ByteArrayInputStream(answer.body())).readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(page.contains("</html>"), page);
        String one = visitor.token;
        visitor.get("/console/webhooks");
        assertFalse(one.equals(visitor.token));
        visitor.token = one;
        assertEquals(
                303, visitor.post("/console/theme", "theme", "light").statusCode(), "a page of before still sends");
    }

    @Test
    void signing_out_ends_the_session_at_the_server() {
        Visitor visitor = Visitor.signedIn(product, READ);
        String cookie = visitor.cookie;
        assertEquals(303, visitor.post("/console/sign-out").statusCode());
        visitor.cookie = cookie;
        assertEquals(303, visitor.get("/console/deliveries").statusCode());
    }

    @Test
    void a_form_without_the_pages_token_or_from_another_site_is_refused() {
        Visitor visitor = Visitor.signedIn(product, ADMIN);
        assertEquals(
                403,
                visitor.postAsItIs("/console/deliveries/msg_01M87SBN4HVBS7P8C5NYJCWBGC/again")
                        .statusCode());
        assertEquals(
                403,
                visitor.postAsItIs("/console/sign-out", "_token", "guessed").statusCode());
        HttpResponse<String> foreign = product.send(HttpRequest.newBuilder(product.url("/console/sign-in"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("Sec-Fetch-Site", "cross-site")
                .POST(HttpRequest.BodyPublishers.ofString("key=" + product.key(ADMIN)))
                .build());
        assertEquals(403, foreign.statusCode());
        assertTrue(foreign.headers().firstValue("Set-Cookie").isEmpty());
    }

    /** Browsers omit Sec-Fetch-Site on plain http. */
    @Test
    void a_page_of_another_site_cannot_sign_in() {
        String site = "http://" + product.url("/").getAuthority();
        for (String foreign : new String[] {"http://evil.example.com", "null", site + ".example.com", site + "0"}) {
            HttpResponse<String> answer = signInFrom(foreign);
            assertEquals(403, answer.statusCode(), foreign);
            assertTrue(answer.headers().firstValue("Set-Cookie").isEmpty(), foreign);
        }
        assertEquals(303, signInFrom(site).statusCode());
        assertEquals(303, signInFrom(site.replace("http:", "https:")).statusCode(), "TLS may end in front");
    }

    private static HttpResponse<String> signInFrom(String origin) {
        return product.send(HttpRequest.newBuilder(product.url("/console/sign-in"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("Origin", origin)
                .POST(HttpRequest.BodyPublishers.ofString("key=" + product.key(ADMIN)))
                .build());
    }

    @Test
    void a_session_ends_when_its_key_is_deleted() {
        Visitor visitor = Visitor.signedIn(product, LEAVING);
        product.config(config(false));
        Awaitility.await().until(() -> visitor.get("/console/deliveries").statusCode() == 303);
        product.config(config(true));
    }

    @Test
    void every_page_says_that_nothing_foreign_may_run_or_frame_it() {
        for (String path : new String[] {"/console/sign-in", "/console/nothing", "/"}) {
            HttpResponse<String> answer = product.get(path, null);
            String policy =
                    answer.headers().firstValue("Content-Security-Policy").orElseThrow();
            assertTrue(policy.contains("default-src 'none'") && !policy.contains("unsafe"), policy);
            assertEquals(
                    "no-store", answer.headers().firstValue("Cache-Control").orElseThrow());
        }
    }

    @Test
    void the_operator_sees_accounts_and_nothing_else() {
        Visitor operator = Visitor.signedIn(product, RunningProduct.OPERATOR);
        HttpResponse<String> accounts = operator.get("/console/accounts");
        assertEquals(200, accounts.statusCode());
        assertTrue(accounts.body().contains("acme"), accounts.body());
        for (String path : new String[] {"/console/deliveries", "/console/webhooks", "/console/settings"}) {
            assertEquals(303, operator.get(path).statusCode());
        }
        assertEquals(
                303, Visitor.signedIn(product, ADMIN).get("/console/accounts").statusCode());
    }

    @Test
    void assets_are_cached_and_compressed() {
        String page = product.get("/console/sign-in", null).body();
        int at = page.indexOf("/console/assets/console-");
        String path = page.substring(at, page.indexOf('"', at));
        HttpResponse<String> answer = product.send(HttpRequest.newBuilder(product.url(path))
                .header("Accept-Encoding", "gzip")
                .build());
        assertEquals(200, answer.statusCode());
        assertEquals("gzip", answer.headers().firstValue("Content-Encoding").orElseThrow());
        assertTrue(answer.headers().firstValue("Cache-Control").orElseThrow().contains("immutable"));
        assertEquals(
                404,
                product.get("/console/assets/console-000000000000.css", null).statusCode());
        assertEquals(
                404,
                product.get("/console/assets/..%2f..%2fapplication.properties", null)
                        .statusCode());
    }

    @Test
    void a_new_sign_in_ends_the_browsers_previous_session() {
        Visitor visitor = Visitor.signedIn(product, ADMIN);
        String before = visitor.cookie;
        assertEquals(
                303, visitor.post("/console/sign-in", "key", product.key(ADMIN)).statusCode());
        assertEquals(200, visitor.get("/console/deliveries").statusCode());
        visitor.cookie = before;
        assertEquals(303, visitor.get("/console/deliveries").statusCode());
    }

    @Test
    void a_fragment_of_a_page_is_refused_after_another_account_has_signed_in() {
        Visitor visitor = Visitor.signedIn(product, ADMIN);
        String page = visitor.get("/console/overview").body();
        String account = product.account("acme");
        assertTrue(page.contains("{&#34;X-Account&#34;: &#34;" + account + "&#34;}"), page);
        assertEquals(200, fragment(visitor, account).statusCode());
        assertEquals(401, fragment(visitor, "other").statusCode());
    }

    private static HttpResponse<String> fragment(Visitor visitor, String account) {
        return product.send(HttpRequest.newBuilder(product.url("/console/overview"))
                .header("Cookie", visitor.cookie)
                .header("HX-Request", "true")
                .header("X-Account", account)
                .build());
    }
}
