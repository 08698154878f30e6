package io.engagementwebhooks.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.RequestOptions;
import io.engagementwebhooks.deliver.egress.RawReceiver;
import io.engagementwebhooks.testkit.ContentsquareStandIn;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.SalesforceStandIn;
import io.engagementwebhooks.testkit.TestKeys;
import java.net.InetAddress;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import no.nav.security.mock.oauth2.MockOAuth2Server;
import no.nav.security.mock.oauth2.token.DefaultOAuth2TokenCallback;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scripts typed by users, sent in events or answered by others are shown as text. */
class StoredScriptTest {

    private static final String ADMIN = "acme-admin-key-with-scripts";
    private static final String OPERATOR = "operator-key-with-scripts";
    private static final JsonMapper JSON = new JsonMapper();

    /** Breaks out of text and attributes with elements that the test finds; names may not contain a slash. */
    private static final String TYPED =
            "\"'><img class=planted src=x onerror=document.title=1><script class=planted>document.title=2<script>";

    private static final String WITHOUT_QUOTES = TYPED.replace("\"", "");

    /** Programs of jq end at a quote, and errors of a provider have none (RFC 6749). */
    private static final Set<String> UNQUOTED = Set.of("program", "condition", "no");

    @TempDir
    Path folder;

    @Test
    void planted_scripts_are_shown_as_text_everywhere() throws Exception {
        try (RawReceiver receiver = new RawReceiver(StoredScriptTest::answer);
                Receiver tokens = new Receiver(StoredScriptTest::refuseToken);
                SalesforceStandIn salesforce = SalesforceStandIn.start();
                ContentsquareStandIn contentsquare = new ContentsquareStandIn();
                RunningProduct product = RunningProduct.start(
                        folder,
                        config(),
                        "webhooks.operator-key=" + OPERATOR,
                        "webhooks.egress.plain-http=127.0.0.0/8");
                Chromium chromium = new Chromium()) {
            salesforce.failNext(400, "STRING_TOO_LONG", "answer-of-salesforce" + TYPED, 10);
            contentsquare.answerNext(10, 400, "{\"errorMessage\": " + json("answer-of-contentsquare") + "}", Map.of());
            plantClients(product, tokens);
            plantConnections(product, salesforce, contentsquare);
            plantWebhooks(product, "http://127.0.0.1:" + receiver.port() + "/hook");
            made(product, "replays", Map.of("webhook", "w" + TYPED));
            made(
                    product,
                    "events",
                    Map.of(
                            "id", "event" + TYPED,
                            "source", "source" + TYPED,
                            "type", "call.ended",
                            "subject", "subject" + TYPED,
                            "data", data()));
            await().until(() -> reasons(product) == 7);

            Looking looking = new Looking(chromium.open(product.url("/"), Chromium.Theme.LIGHT));
            Chromium.signIn(looking.page, ADMIN);
            looksAtLists(looking);
            looksAtForms(looking);
            looksAtDeliveries(looking, product);
            Chromium.signIn(looking.page, OPERATOR);
            looking.at("/console/accounts/acme").shows("w", "f", "o");
            looking.end();
        }
    }

    private static void looksAtLists(Looking looking) {
        looking.at("/console/overview").shows("w");
        looking.at("/console/webhooks").shows("w", "j", "f", "s", "n", "o", "p", "error", "answer-page");
        looking.at("/console/deliveries").shows("event", "w", "s");
        looking.at("/console/deliveries?webhook=" + encoded("asked" + TYPED) + "&event=" + encoded("too" + TYPED))
                .shows("asked", "too");
        looking.at("/console/deliveries?outcome=" + encoded("asked" + TYPED));
        looking.at("/console/replays?webhook=" + encoded("asked" + TYPED)).shows("asked", "w");
        looking.at("/console/settings/oauth-clients").shows("c", "d", "q", "client-id", "error");
        looking.at("/console/settings/connections").shows("s", "n");
        looking.at("/console/settings/api-keys").shows("k");
        looking.at("/console/" + encoded(TYPED));
    }

    private static void looksAtForms(Looking looking) {
        looking.at("/console/builder/" + encoded("w" + TYPED)).shows("w", "header", "user", "condition");
        looking.at("/console/builder/" + encoded("j" + TYPED)).shows("j", "program");
        looking.at("/console/builder/" + encoded("f" + TYPED)).shows("f", "field", "value");
        looking.at("/console/builder/" + encoded("s" + TYPED)).shows("s", "subject-of-task");
        looking.at("/console/builder/" + encoded("n" + TYPED)).shows("n", "name-of-centre");
        looking.at("/console/settings/oauth-client/" + encoded("c" + TYPED))
                .shows("client-id", "scope", "audience", "parameter", "value", "error", "description");
        looking.at("/console/settings/oauth-client/" + encoded("d" + TYPED)).shows("d", "answer-page");
        looking.at("/console/settings/oauth-client/" + encoded("q" + TYPED)).shows("q", "key-id", "assertion", "error");
        looking.at("/console/settings/api-key/" + encoded("k" + TYPED)).shows("k");
        looking.at("/console/settings/salesforce/" + encoded("s" + TYPED)).shows("s");
        looking.at("/console/settings/contentsquare/" + encoded("n" + TYPED)).shows("n", "scope");
    }

    private static void looksAtDeliveries(Looking looking, RunningProduct product) {
        looking.at(delivery(product, "w")).shows("event", "w");
        for (String name : List.of("source", "subject", "data")) {
            assertThat(looking.page.getByLabel("The event as received")).containsText(name + escaped());
        }
        assertThat(looking.sent()).containsText("header" + TYPED);
        assertThat(looking.response()).containsText("x-planted: answer-header" + TYPED);
        assertThat(looking.response()).containsText("answer-body" + TYPED);
        looking.at(delivery(product, "j"));
        assertThat(looking.sent()).containsText("program" + WITHOUT_QUOTES);
        looking.at(delivery(product, "f"));
        assertThat(looking.sent()).containsText(encoded("value" + TYPED).replace("%20", "+"));
        looking.at(delivery(product, "s"));
        assertThat(looking.sent()).containsText("subject-of-task" + escaped());
        assertThat(looking.response()).containsText("answer-of-salesforce" + escaped());
        looking.at(delivery(product, "n"));
        assertThat(looking.sent()).containsText("name-of-centre");
        assertThat(looking.response()).containsText("answer-of-contentsquare" + escaped());
        looking.at(delivery(product, "o")).shows("error", "description");
        looking.at(delivery(product, "p")).shows("answer-page");
    }

    @Test
    void refused_planted_scripts_are_text_beside_their_field() {
        try (RunningProduct product = RunningProduct.start(folder, config());
                Chromium chromium = new Chromium()) {
            Looking looking = new Looking(chromium.open(product.url("/"), Chromium.Theme.LIGHT));
            Page page = looking.page;
            Chromium.signIn(page, ADMIN);
            refuses(
                    looking,
                    "oauth-client",
                    "name",
                    "authenticationEndpoint",
                    "audience",
                    "resource",
                    "keyId",
                    "parameters");
            refuses(looking, "salesforce", "loginUrl", "user", "instanceSuffix");
            refuses(looking, "contentsquare", "tokenUrl", "schema");
            refuses(looking, "api-key", "name", "until");
            refuses(looking, "signing-key", "id", "from");
            for (String target : List.of("http", "salesforce", "contentsquare")) {
                // a draft would be restored while this types
                page.evaluate("() => sessionStorage.clear()");
                page.navigate("/console/builder");
                Typing.everywhere(page, "#builder", TYPED);
                page.locator("#to-" + target).check();
                saved(looking).shows("name", "fields", "wait-field", "fifo-key", "rate-limit", "headers", "key-header");
            }
            looking.end();
        }
    }

    /** A Settings form comes back with its errors. */
    private static void refuses(Looking looking, String kind, String... fields) {
        looking.page.navigate("/console/settings/" + kind);
        Typing.everywhere(looking.page, "#thing", TYPED);
        saved(looking).shows(fields);
    }

    private static Looking saved(Looking looking) {
        looking.page.locator("button.primary[value=save]").click();
        looking.page.locator("#faults").waitFor();
        Chromium.settled(looking.page);
        return looking.look();
    }

    @Test
    void a_users_name_and_an_error_of_the_provider_are_text() throws Exception {
        MockOAuth2Server provider = new MockOAuth2Server();
        provider.start(InetAddress.getLoopbackAddress(), 0);
        int port = FreePort.any();
        try (RunningProduct product = RunningProduct.start(
                        folder,
                        config(),
                        "camel.server.port=" + port,
                        "webhooks.egress.plain-http=127.0.0.0/8",
                        "webhooks.console.oidc.issuer=http://127.0.0.1:"
                                + provider.issuerUrl("acme").port() + "/acme",
                        "webhooks.console.oidc.client-id=console",
                        "webhooks.console.oidc.redirect-url=http://127.0.0.1:" + port + "/console/sign-in/return");
                Chromium chromium = new Chromium()) {
            Looking looking = new Looking(chromium.open(product.url("/"), Chromium.Theme.LIGHT));
            Page page = looking.page;
            looking.at(refusal(page)).shows("no");

            provider.enqueueCallback(new DefaultOAuth2TokenCallback(
                    "acme",
                    "alice",
                    "JWT",
                    List.of("console"),
                    Map.of("account", "acme", "role", "admin", "preferred_username", "u" + TYPED),
                    3600));
            page.navigate("/console/sign-in");
            page.getByText("Sign in with your organization").click();
            page.waitForURL("**/console/overview");
            looking.look();
            looking.shows("u");
            page.navigate("/console/settings/api-key");
            page.locator("#name").fill("pbx");
            JourneyTest.button(page, "Create").click();
            page.locator("#secret").waitFor();
            looking.at("/console/settings/audit");
            assertThat(page.locator("main tbody")).containsText("sso:u" + TYPED);
            looking.end();
        } finally {
            provider.shutdown();
        }
    }

    /** Where a refusing provider sends the browser. */
    private static String refusal(Page page) {
        APIResponse begun = page.request()
                .get("/console/sign-in/provider", RequestOptions.create().setMaxRedirects(0));
        String state = begun.headers().get("location").replaceFirst(".*[?&]state=([^&]*).*", "$1");
        return "/console/sign-in/return?state=" + state + "&error=" + encoded("no" + TYPED);
    }

    /** Opens pages, and reports where planted text is more than text. */
    private static final class Looking {

        private final Page page;
        private final List<String> dialogs = new ArrayList<>();
        private final List<String> seen = new ArrayList<>();

        Looking(Page page) {
            this.page = page;
            page.onDialog(dialog -> {
                dialogs.add(dialog.message());
                dialog.dismiss();
            });
        }

        /** Opens a page, and uses its forms and buttons. */
        Looking at(String path) {
            page.navigate(path);
            if (page.locator("#preview").count() > 0) {
                page.locator("#preview pre, #preview .soft").first().waitFor();
                page.locator("#send-test").all().forEach(button -> leadsTo(button, "#exchange"));
            }
            page.locator("#thing button[value=test]").all().forEach(button -> leadsTo(button, "#result"));
            return look();
        }

        private void leadsTo(Locator button, String shown) {
            button.click();
            page.locator(shown).waitFor();
            Chromium.settled(page);
        }

        Looking look() {
            if (page.locator(".planted").count() > 0 || page.title().matches("\\d")) {
                seen.add(page.url());
            }
            return this;
        }

        /** Text planted under these names is text here, or in a field. */
        Looking shows(String... names) {
            String shown = (String) page.evaluate(
                    "() => [document.body.textContent, ...[...document.querySelectorAll('input, textarea, option')]"
                            + ".map(field => field.value)].join('\\n')");
            for (String name : names) {
                String planted = name + (UNQUOTED.contains(name) ? WITHOUT_QUOTES : TYPED);
                assertTrue(shown.contains(planted), name + " is not shown at " + page.url() + ": " + shown);
            }
            return this;
        }

        /** The request of the last attempt of a delivery. */
        Locator sent() {
            return page.locator("pre[aria-label^='Request of attempt']").first();
        }

        /** The response of the last attempt. */
        Locator response() {
            return page.locator("pre[aria-label^='Response of attempt']").first();
        }

        void end() {
            assertEquals(List.of(), seen);
            assertEquals(List.of(), dialogs);
        }
    }

    private static String config() {
        return "accounts:\n  - id: acme\n    apiKeys: [{name: anna, role: admin, key: " + ADMIN + "}]\n";
    }

    /** A receiver with planted text in its status line, a header and the body. */
    private static void answer(RawReceiver.Talk talk) throws Exception {
        while (talk.request()) {
            String body = "answer-body" + TYPED;
            talk.write("HTTP/1.1 500 " + TYPED + "\r\nX-Planted: answer-header" + TYPED + "\r\nContent-Length: "
                    + body.length() + "\r\n\r\n" + body);
        }
    }

    /** A token server that refuses, in JSON or with a page. */
    private static Receiver.Reply refuseToken(Receiver.Got got) {
        return got.target().getPath().startsWith("/page")
                ? new Receiver.Reply(200, Map.of(), "<p>answer-page" + TYPED)
                : new Receiver.Reply(
                        401,
                        Map.of(),
                        "{\"error\": " + json("error") + ", \"error_description\": " + json("description") + "}");
    }

    private static void plantClients(RunningProduct product, Receiver tokens) {
        String json = tokens.url().resolve("/json").toString();
        made(product, "oauth-clients", client("c", json, Map.of("clientSecret", "not-in-the-answer")));
        String page = tokens.url().resolve("/page").toString();
        made(product, "oauth-clients", client("d", page, Map.of("clientSecret", "not-in-the-answer")));
        made(
                product,
                "oauth-clients",
                client(
                        "q",
                        json,
                        Map.of(
                                "authorizationMethod",
                                "private_key_jwt",
                                "privateKey",
                                TestKeys.pem(TestKeys.rsa(2048).getPrivate()),
                                "keyId",
                                "key-id" + TYPED,
                                "assertionAudience",
                                "assertion" + TYPED)));
        made(product, "api-keys", Map.of("name", "k" + TYPED, "role", "read"));
    }

    private static Map<String, Object> client(String name, String endpoint, Map<String, String> more) {
        Map<String, Object> client = new LinkedHashMap<>(more);
        client.put("name", name + TYPED);
        client.put("clientId", "client-id" + TYPED);
        client.put("scope", "scope" + TYPED);
        client.put("audience", "audience" + TYPED);
        client.put("parameters", Map.of("parameter" + TYPED, "value" + TYPED));
        client.put("authenticationEndpoint", endpoint);
        return client;
    }

    private static void plantConnections(
            RunningProduct product, SalesforceStandIn salesforce, ContentsquareStandIn contentsquare) {
        made(
                product,
                "connections",
                Map.of(
                        "name",
                        "s" + TYPED,
                        "type",
                        "salesforce",
                        "loginUrl",
                        salesforce.url().toString(),
                        "clientId",
                        SalesforceStandIn.CLIENT_ID,
                        "clientSecret",
                        SalesforceStandIn.CLIENT_SECRET,
                        "instanceSuffix",
                        "127.0.0.1"));
        made(
                product,
                "connections",
                Map.of(
                        "name",
                        "n" + TYPED,
                        "type",
                        "contentsquare",
                        "tokenUrl",
                        contentsquare.tokenUrl().toString(),
                        "clientId",
                        ContentsquareStandIn.CLIENT_ID,
                        "clientSecret",
                        ContentsquareStandIn.CLIENT_SECRET,
                        "scope",
                        "scope" + TYPED,
                        "endpointSuffix",
                        "127.0.0.1",
                        "integrationVersion",
                        1,
                        "schema",
                        List.of(Map.of("name", "call_center_name", "type", "STRING"))));
    }

    private static void plantWebhooks(RunningProduct product, String url) {
        Map<String, Object> byHeader = Map.of("type", "header", "user", "user" + TYPED, "password", "not-shown");
        Map<String, Object> all = webhook(
                "w",
                Map.of(
                        "url",
                        url,
                        "body",
                        "{\"a\": \"{x}\"}",
                        "headers",
                        Map.of("X-Own", "header" + TYPED),
                        "authentication",
                        byHeader));
        all.put("condition", ".data.x != \"condition" + WITHOUT_QUOTES + "\"");
        all.put("events", List.of("call.ended", ("type" + TYPED).replace(" ", "")));
        made(product, "webhooks", all);
        made(product, "webhooks", webhook("j", Map.of("url", url, "bodyJq", "{a: \"program" + WITHOUT_QUOTES + "\"}")));
        made(product, "webhooks", webhook("f", Map.of("url", url, "form", Map.of("field" + TYPED, "value" + TYPED))));
        made(product, "webhooks", webhook("o", Map.of("url", url, "authentication", by("oauth2", "client", "c"))));
        made(product, "webhooks", webhook("p", Map.of("url", url, "authentication", by("oauth2", "client", "d"))));
        made(
                product,
                "webhooks",
                webhook(
                        "s",
                        Map.of(
                                "authentication", by("salesforce", "connection", "s"),
                                "salesforce",
                                        Map.of(
                                                "object",
                                                "Task",
                                                "fields",
                                                Map.of("Subject", "subject-of-task" + TYPED)))));
        made(
                product,
                "webhooks",
                webhook(
                        "n",
                        Map.of(
                                "authentication", by("contentsquare", "connection", "n"),
                                "contentsquare",
                                        Map.of("fields", Map.of("call_center_name", "name-of-centre" + TYPED)))));
    }

    private static Map<String, String> by(String type, String member, String name) {
        return Map.of("type", type, member, name + TYPED);
    }

    private static Map<String, Object> webhook(String name, Map<String, Object> delivery) {
        Map<String, Object> webhook = new LinkedHashMap<>();
        webhook.put("name", name + TYPED);
        webhook.put("events", List.of("call.ended"));
        webhook.put("retry", List.of("1h"));
        webhook.put("delivery", delivery);
        return webhook;
    }

    private static Map<String, Object> data() {
        return Map.of(
                "x",
                "data" + TYPED,
                "web",
                Map.of("contentsquare", Map.of("projectId", 1337, "userId", "user" + TYPED, "sessionNumber", 4)));
    }

    private static void made(RunningProduct product, String list, Map<String, ?> definition) {
        HttpResponse<String> answer = product.post("/v1/" + list, ADMIN, "application/json", json(definition));
        if (answer.statusCode() / 100 != 2) {
            throw new AssertionError(answer.statusCode() + " " + answer.body());
        }
    }

    /** The number of deliveries with a known reason. */
    private static long reasons(RunningProduct product) {
        return product.read("/v1/deliveries", ADMIN).path("items").findValues("reason").stream()
                .filter(JsonNode::isTextual)
                .count();
    }

    /** The page of the only delivery of a webhook. */
    private static String delivery(RunningProduct product, String webhook) {
        return "/console/deliveries/"
                + product.read("/v1/deliveries?webhook=" + encoded(webhook + TYPED), ADMIN)
                        .at("/items/0/id")
                        .asText();
    }

    private static String json(String name) {
        return json((Object) (name + TYPED));
    }

    private static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Planted text in JSON. */
    private static String escaped() {
        return TYPED.replace("\"", "\\\"");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
